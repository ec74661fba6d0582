#include "telemetry/polling/definition_file.h"

#include <array>
#include <cerrno>
#include <deque>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

namespace sentinella::telemetry {
namespace {

constexpr int kMostLinks = 40;  // as the kernel

class Walk {
 public:
  explicit Walk(const std::filesystem::path& file) : shown_(file.string()) {
    put_before(std::filesystem::absolute(file).relative_path());
  }

  Result<DefinitionFile> read(std::size_t max_size) {
    SENT_TRY(enter_root());
    while (!rest_.empty()) SENT_TRY(step());
    if (!S_ISREG(about_.st_mode)) return fail(Errc::kInvalid, "{} is not a file", shown_);
    // The very file that is held open, whatever has its name by now.
    auto text = read_file(fmt::format("/proc/self/fd/{}", here_.get()), max_size);
    if (!text) return fail(text.error().code, "cannot read {}: {}", shown_, text.error().message);
    return DefinitionFile{*std::move(text), std::move(verdict_)};
  }

 private:
  void put_before(const std::filesystem::path& path) {
    std::deque<std::string> names;
    for (const auto& name : path)
      if (!name.empty() && name != ".") names.push_back(name.string());
    rest_.insert(rest_.begin(), names.begin(), names.end());
  }

  Result<void> enter_root() {
    SENT_TRY_ASSIGN(here_, open_file("/", O_PATH | O_DIRECTORY));
    if (::fstat(here_.get(), &about_) != 0) return fail_errno(errno, "cannot look at /");
    judge("/");
    return {};
  }

  Result<void> step() {
    const std::string name = std::move(rest_.front());
    rest_.pop_front();
    FileDescriptor next(::openat(here_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!next || ::fstat(next.get(), &about_) != 0)
      return fail_errno(errno, fmt::format("cannot open {}", shown_));
    judge(name);
    if (S_ISLNK(about_.st_mode)) return follow(next);
    here_ = std::move(next);
    return {};
  }

  Result<void> follow(const FileDescriptor& link) {
    if (++links_ > kMostLinks) return fail_errno(ELOOP, fmt::format("cannot open {}", shown_));
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
    if (size < 0) return fail_errno(errno, fmt::format("cannot open {}", shown_));
    const std::filesystem::path to(std::string(target.data(), static_cast<std::size_t>(size)));
    put_before(to.relative_path());
    return to.is_absolute() ? enter_root() : Result<void>();
  }

  /// The first fault stands.
  void judge(const std::string& name) {
    if (!verdict_) return;
    const bool is_kept = S_ISDIR(about_.st_mode) && (about_.st_mode & S_ISVTX) != 0;
    if (about_.st_uid != 0)
      verdict_ =
          fail(Errc::kForbidden, "{}: {} belongs to the user {}, not to root", shown_, name, about_.st_uid);
    else if (!S_ISLNK(about_.st_mode) && (about_.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_kept)
      verdict_ = fail(Errc::kForbidden, "{}: others than root may write {}", shown_, name);
  }

  const std::string shown_;
  std::deque<std::string> rest_;  ///< names still to be gone through
  FileDescriptor here_;
  struct stat about_{};  ///< of the last that was opened
  int links_ = 0;
  Result<void> verdict_;
};

}  // namespace

Result<DefinitionFile> read_definition_file(const std::filesystem::path& file, std::size_t max_size) {
  return Walk(file).read(max_size);
}

}  // namespace sentinella::telemetry
