#include "base/log.h"

#include <atomic>
#include <ctime>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

namespace sentinella::log {
namespace {

std::atomic<Level> g_level{Level::info};
std::atomic<int> g_fd{STDERR_FILENO};
std::string g_path;

std::string_view name(Level level) {
  switch (level) {
    case Level::debug:
      return "DEBUG";
    case Level::info:
      return "INFO";
    case Level::warning:
      return "WARNING";
    case Level::error:
      return "ERROR";
    case Level::critical:
      return "CRITICAL";
  }
  return "INFO";
}

int open_log(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

Result<void> configure(Level level, std::string_view path) {
  g_level = level;
  if (path.empty()) return {};
  g_path = path;
  const int fd = open_log(g_path);
  if (fd < 0) return fail_errno(errno, fmt::format("cannot open the log file {}", path));
  g_fd = fd;
  return {};
}

Result<Level> parse_level(std::string_view text) {
  const std::string word = to_lower(text);
  for (Level level : {Level::debug, Level::info, Level::warning, Level::error, Level::critical})
    if (word == to_lower(name(level))) return level;
  return fail_field(Errc::kInvalid, "log_level", "\"{}\" is none of DEBUG, INFO, WARNING, ERROR, CRITICAL",
                    text);
}

void reopen() {
  if (g_path.empty()) return;
  if (const int fd = open_log(g_path); fd >= 0) {
    ::dup2(fd, g_fd);
    ::close(fd);
  }
}

bool enabled(Level level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view component, std::string_view message) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm local{};
  localtime_r(&now.tv_sec, &local);
  const std::string text =
      fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} {} {} {} [-] {}\n", local.tm_year + 1900,
                  local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                  now.tv_nsec / 1'000'000, ::getpid(), name(level), component, message);
  if (::write(g_fd, text.data(), text.size()) < 0)
    return;  // there is nowhere to say that the log cannot be written
}

}  // namespace sentinella::log
