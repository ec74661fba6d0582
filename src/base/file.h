// Files and descriptors, with errors that name the path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "base/result.h"

namespace sentinella {

/// Owns a file descriptor; -1 = none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// open(2) with O_CLOEXEC.
Result<FileDescriptor> open_file(const std::filesystem::path& path, int flags, mode_t mode = 0644);
/// The whole file, /proc files included; kTooLarge over `max_size`.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_size = 64 << 20);
/// All of `data`, retrying short writes.
Result<void> write_all(int fd, std::string_view data, const std::filesystem::path& path);
/// Readers see the old content or the new, never a mixture; durable on return (temporary, fsync, rename,
/// fsync).
Result<void> write_file_atomic(const std::filesystem::path& path, std::string_view data, mode_t mode = 0644);
Result<void> sync_directory(const std::filesystem::path& directory);
Result<void> make_directories(const std::filesystem::path& directory, mode_t mode = 0755);

}  // namespace sentinella
