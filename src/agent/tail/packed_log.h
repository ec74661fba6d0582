// A rotated log that was compressed before it was read to its end: its text from a position on, unpacked as
// it is wanted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/import/text_source.h"
#include "agent/tail/file_identity.h"
#include "base/result.h"

namespace sentinella::agent {

/// Not thread-safe.
class PackedLog {
 public:
  /// gzip, xz, zstd. Unpacks the first piece.
  static Result<std::unique_ptr<PackedLog>> open(const std::filesystem::path& file);

  /// Whether the text begins as that of `known` did; false when so little of that was seen that it says
  /// nothing.
  bool begins_as(const FileIdentity& known) const;
  /// Of the packed file, with the head of its text.
  const FileIdentity& identity() const { return identity_; }
  void skip_to(std::uint64_t offset) { skip_ = offset; }

  struct Piece {
    std::string text;        ///< may be empty while text is skipped
    std::size_t worked = 0;  ///< bytes unpacked for it, 0 = the end
  };
  Piece read(std::size_t max_bytes);
  bool ended() const { return ended_ && ahead_.empty(); }

 private:
  PackedLog(std::unique_ptr<TextSource> source, std::string name)
      : source_(std::move(source)), name_(std::move(name)) {}
  void unpack();

  std::unique_ptr<TextSource> source_;
  const std::string name_;
  FileIdentity identity_;
  std::uint64_t skip_ = 0;
  std::string ahead_;  ///< unpacked and not read
  bool ended_ = false;
};

/// What a gzip file says at its end of how much text is in it (RFC 1952, modulo 2^32; of its last member).
/// nullopt: not one.
std::optional<std::uint64_t> gzip_text_size(const std::filesystem::path& file);

}  // namespace sentinella::agent
