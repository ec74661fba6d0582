// Texts numbered in the order in which they first appear.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace sentinella::logs {

/// Open addressing over one arena: nothing is allocated per text.
class Dictionary {
 public:
  /// The number of `text`, given now when it is new.
  std::uint32_t add(std::string_view text) {
    if ((size() + 1) * 2 > table_.size()) grow();
    const std::uint64_t hash = hash64(text);
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const std::uint32_t entry = table_[at];
      if (entry == 0) {
        table_[at] = size() + 1;
        hashes_.push_back(hash);
        bytes_.append(text);
        ends_.push_back(bytes_.size());
        return size() - 1;
      }
      if (hashes_[entry - 1] == hash && (*this)[entry - 1] == text) return entry - 1;
    }
  }
  std::string_view operator[](std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return std::string_view(bytes_).substr(begin, ends_[number] - begin);
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::size_t mask() const { return table_.size() - 1; }
  void grow() {
    table_.assign(table_.empty() ? 1024 : table_.size() * 2, 0);
    for (std::size_t i = 0; i < hashes_.size(); ++i) {
      std::size_t at = hashes_[i] & mask();
      while (table_[at] != 0) at = (at + 1) & mask();
      table_[at] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::vector<std::uint32_t> table_;  // number + 1; 0 = free
  std::vector<std::uint64_t> hashes_;
  std::vector<std::size_t> ends_;
  std::string bytes_;
};

}  // namespace sentinella::logs
