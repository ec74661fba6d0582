#include "base/file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sentinella {

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileDescriptor> open_file(const std::filesystem::path& path, int flags, mode_t mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return fail_errno(errno, fmt::format("cannot open {}", path.string()));
  return FileDescriptor(fd);
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_size) {
  SENT_TRY_ASSIGN(const FileDescriptor file, open_file(path, O_RDONLY));
  std::string data;
  for (;;) {
    const std::size_t had = data.size();
    data.resize(had + 16384);
    const ssize_t n = ::read(file.get(), data.data() + had, 16384);
    data.resize(had + static_cast<std::size_t>(n > 0 ? n : 0));
    if (n < 0 && errno != EINTR) return fail_errno(errno, fmt::format("cannot read {}", path.string()));
    if (data.size() > max_size) return fail(Errc::kTooLarge, "{} is over {} bytes", path.string(), max_size);
    if (n == 0) return data;
  }
}

Result<void> write_all(int fd, std::string_view data, const std::filesystem::path& path) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return fail_errno(errno, fmt::format("cannot write {} bytes to {}", data.size(), path.string()));
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_file_atomic(const std::filesystem::path& path, std::string_view data, mode_t mode) {
  const std::filesystem::path temporary = path.string() + ".new";
  {
    SENT_TRY_ASSIGN(const FileDescriptor file, open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode));
    ::fchmod(file.get(), mode);
    SENT_TRY(write_all(file.get(), data, temporary));
    if (::fsync(file.get()) != 0) return fail_errno(errno, fmt::format("cannot sync {}", temporary.string()));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return fail_errno(errno, fmt::format("cannot rename {} to {}", temporary.string(), path.string()));
  return sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  SENT_TRY_ASSIGN(const FileDescriptor file, open_file(directory, O_RDONLY | O_DIRECTORY));
  if (::fsync(file.get()) != 0) return fail_errno(errno, fmt::format("cannot sync {}", directory.string()));
  return {};
}

Result<void> make_directories(const std::filesystem::path& directory, mode_t mode) {
  std::error_code error;
  if (std::filesystem::is_directory(directory, error)) return {};
  if (directory.has_parent_path() && directory.parent_path() != directory)
    SENT_TRY(make_directories(directory.parent_path()));
  if (::mkdir(directory.c_str(), mode) != 0 && errno != EEXIST)
    return fail_errno(errno, fmt::format("cannot create directory {}", directory.string()));
  return {};
}

}  // namespace sentinella
