// What was appended to a file since the last look.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace sentinella::agent {

/// Not thread-safe. The first look begins at the file's end, or later at the beginning of one that is not
/// there yet. A file that was replaced is held open and read to its end before the new one; one that is
/// shorter than before is read from its beginning.
class AppendedText {
 public:
  explicit AppendedText(std::string path) : path_(std::move(path)) {}

  /// Whole lines, at most 1 MiB of each of two files; the rest comes with the next look. kIo, kForbidden,
  /// kNotFound.
  Result<std::string> read();

 private:
  Result<std::string> read_on();
  Result<void> take_up(FileDescriptor file);

  std::string path_;
  bool looked_ = false;  ///< what appears from now on is new
  FileDescriptor file_;  ///< that was at the path last
  std::uint64_t offset_ = 0;
};

}  // namespace sentinella::agent
