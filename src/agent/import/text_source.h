// An old log's text, piece by piece: a file as it is, or unpacked from gzip, xz or zstd (told by its
// first bytes), or a pipe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace sentinella::agent {

/// Not thread-safe.
class TextSource {
 public:
  /// "-" = standard input. kUnsupported: packed in another way.
  static Result<std::unique_ptr<TextSource>> open(const std::filesystem::path& file);
  ~TextSource();

  /// At least one byte of text; "" at the end. kCorrupt: the packed data is damaged or cut.
  Result<std::string> read();
  /// Of the file as it lies there, for a progress bar; size 0 = nobody knows.
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t size() const { return size_; }

 private:
  struct Unpacker;
  struct Gzip;
  struct Zstd;
  struct Xz;

  TextSource(FileDescriptor file, std::string name, std::uint64_t size);
  Result<void> choose_unpacker();
  Result<std::string> read_file_piece();

  FileDescriptor file_;
  const std::string name_;
  const std::uint64_t size_;
  std::uint64_t bytes_read_ = 0;
  bool ended_ = false;
  std::string first_;  ///< read to see what it is
  std::unique_ptr<Unpacker> unpacker_;
};

}  // namespace sentinella::agent
