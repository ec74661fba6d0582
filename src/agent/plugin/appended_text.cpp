#include "agent/plugin/appended_text.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxAppended = 1 << 20;

}  // namespace

Result<std::string> AppendedText::read() {
  const FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return fail_errno(errno, "cannot open " + path_);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno(errno, "cannot look at " + path_);
  if (!S_ISREG(status.st_mode)) return fail(Errc::kInvalid, "{} is not a file", path_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const bool same = known_ && status.st_dev == device_ && status.st_ino == inode_;
  if (!known_)
    offset_ = size;
  else if (!same || size < offset_)
    offset_ = 0;
  known_ = true;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(size - offset_, kMaxAppended)), '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), static_cast<off_t>(offset_));
  if (got < 0) return fail_errno(errno, "cannot read " + path_);
  text.resize(static_cast<std::size_t>(got));
  const std::size_t whole = text.rfind('\n') + 1;
  // A line longer than all that is read at once is passed over in pieces.
  if (whole > 0 || text.size() < kMaxAppended) text.resize(whole);
  offset_ += text.size();
  return text;
}

}  // namespace sentinella::agent
