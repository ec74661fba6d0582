// What was appended to a file since the last look.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "base/result.h"

namespace sentinella::agent {

/// Not thread-safe. The first look begins at the file's end; a file that was replaced, or is shorter than
/// before, is read from its beginning.
class AppendedText {
 public:
  explicit AppendedText(std::string path) : path_(std::move(path)) {}

  /// Whole lines, at most 1 MiB of them; the rest comes with the next look. kIo, kForbidden, kNotFound.
  Result<std::string> read();

 private:
  std::string path_;
  bool known_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace sentinella::agent
