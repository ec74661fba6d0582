// Says of an id that a block surely does not have it: a Bloom filter (Bloom 1970; two hashes for all, as
// Kirsch and Mitzenmacher 2006) of fourteen bits an id. About one in four hundred strangers passes: a
// backtrace asks every block for several ids.
#pragma once

#include <string>
#include <string_view>

namespace sentinella::logs {

class IdFilter {
 public:
  /// Nothing is surely absent.
  IdFilter() = default;
  /// Of `ids`, 16 bytes each.
  static IdFilter of(std::string_view ids);
  /// From bytes().
  explicit IdFilter(std::string bytes) : bits_(std::move(bytes)) {}

  bool may_have(std::string_view id) const;
  const std::string& bytes() const { return bits_; }

 private:
  std::string bits_;  ///< "" = unknown
};

}  // namespace sentinella::logs
