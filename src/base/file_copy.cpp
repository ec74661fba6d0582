#include "base/file_copy.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

namespace sentinella {
namespace {

constexpr std::size_t kBufferBytes = 1u << 20;

Result<FileDescriptor> make_target(const std::filesystem::path& to, mode_t mode) {
  FileDescriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (target) return target;
  if (errno == EEXIST) return fail(Errc::kConflict, "{} exists already", to.string());
  return fail_errno(errno, fmt::format("cannot create {}", to.string()));
}

Result<void> copy_bytes(const std::filesystem::path& from, const std::filesystem::path& to,
                        std::optional<std::uint64_t> bytes) {
  SENT_TRY_ASSIGN(const FileDescriptor source, open_file(from, O_RDONLY));
  struct stat about{};
  if (::fstat(source.get(), &about) != 0)
    return fail_errno(errno, fmt::format("cannot look at {}", from.string()));
  SENT_TRY_ASSIGN(const FileDescriptor target, make_target(to, about.st_mode & 0777));
  std::string buffer(kBufferBytes, '\0');
  for (std::uint64_t left = bytes.value_or(UINT64_MAX); left > 0;) {
    const ssize_t n = ::read(source.get(), buffer.data(), std::min<std::uint64_t>(left, kBufferBytes));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, fmt::format("cannot read {}", from.string()));
    if (n == 0 && bytes) return fail(Errc::kCorrupt, "{} has less than {} bytes", from.string(), *bytes);
    if (n == 0) break;
    SENT_TRY(write_all(target.get(), {buffer.data(), static_cast<std::size_t>(n)}, to));
    left -= static_cast<std::uint64_t>(n);
  }
  if (::fsync(target.get()) != 0) return fail_errno(errno, fmt::format("cannot sync {}", to.string()));
  return {};
}

}  // namespace

Result<void> copy_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  return copy_bytes(from, to, std::nullopt);
}

Result<void> copy_durably(const std::filesystem::path& from, const std::filesystem::path& to,
                          std::uint64_t bytes) {
  return copy_bytes(from, to, bytes);
}

Result<void> link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  if (errno == EEXIST) return fail(Errc::kConflict, "{} exists already", to.string());
  return copy_durably(from, to);
}

}  // namespace sentinella
