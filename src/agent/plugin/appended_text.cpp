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

/// From where the file was left, in pieces that end with a line.
Result<std::string> AppendedText::read_on() {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0) return fail_errno(errno, "cannot look at " + path_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < offset_) offset_ = 0;
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(size - offset_, kMaxAppended)), '\0');
  const ssize_t got = ::pread(file_.get(), text.data(), text.size(), static_cast<off_t>(offset_));
  if (got < 0) return fail_errno(errno, "cannot read " + path_);
  text.resize(static_cast<std::size_t>(got));
  const std::size_t whole = text.rfind('\n') + 1;
  // A line longer than all that is read at once is passed over in pieces.
  if (whole > 0 || text.size() < kMaxAppended) text.resize(whole);
  offset_ += text.size();
  return text;
}

Result<std::string> AppendedText::read() {
  FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  const int error = errno;
  struct stat there{};
  if (file && ::fstat(file.get(), &there) != 0) return fail_errno(errno, "cannot look at " + path_);
  if (file && !S_ISREG(there.st_mode)) return fail(Errc::kInvalid, "{} is not a file", path_);
  const bool first = !looked_;
  looked_ = looked_ || file || error == ENOENT;
  std::string text;
  if (file_) {
    SENT_TRY_ASSIGN(text, read_on());
    struct stat held{};
    if (::fstat(file_.get(), &held) != 0) return fail_errno(errno, "cannot look at " + path_);
    if (file && held.st_dev == there.st_dev && held.st_ino == there.st_ino) return text;
    const bool more = static_cast<std::uint64_t>(held.st_size) > offset_ - text.size() + kMaxAppended;
    if (more || (!file && !text.empty())) return text;
    // Whoever deletes a file wants its space.
    if (!file && held.st_nlink == 0) file_ = FileDescriptor();
  }
  if (!file) return fail_errno(error, "cannot open " + path_);
  file_ = std::move(file);
  offset_ = first ? static_cast<std::uint64_t>(there.st_size) : 0;
  SENT_TRY_ASSIGN(const std::string begun, read_on());
  return text + begun;
}

}  // namespace sentinella::agent
