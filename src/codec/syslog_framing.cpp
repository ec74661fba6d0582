#include "codec/syslog_framing.h"

#include <algorithm>
#include <cstdint>

#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kMaxDigits = 9;

/// The bytes of "57 " and 57; size 0: no count stands there; whole = false: it may still become one.
struct Count {
  std::size_t size = 0;
  std::size_t value = 0;
  bool whole = true;
};

Count read_count(std::string_view text) {
  if (text.front() < '1' || text.front() > '9') return {};
  Count count;
  for (std::size_t i = 0; i <= kMaxDigits; ++i) {
    if (i == text.size()) return {.size = 0, .value = 0, .whole = false};
    if (text[i] == ' ') return {.size = i + 1, .value = count.value, .whole = true};
    if (!is_digit(text[i])) return {};
    count.value = count.value * 10 + static_cast<std::size_t>(text[i] - '0');
  }
  return {};
}

/// Senders end messages with a newline, a carriage return or a NUL of their own.
std::string_view without_end(std::string_view message) {
  while (!message.empty() && (message.back() == '\n' || message.back() == '\r' || message.back() == '\0'))
    message.remove_suffix(1);
  return message;
}

}  // namespace

/// What stands at the beginning: nothing yet (size 0), or a message.
struct SyslogFramer::Step {
  std::size_t size = 0;  ///< of it all, with count or newline, as far as it is there
  std::string_view message;
  bool cut = false;
  std::size_t skip = 0;
  bool skip_line = false;
};

SyslogFramer::Step SyslogFramer::next(std::string_view rest) const {
  const Count count = read_count(rest);
  if (!count.whole) return {};
  if (count.size > 0) {
    const std::size_t kept = std::min(count.value, max_message_);
    if (rest.size() - count.size < kept) return {};
    return {.size = count.size + kept,
            .message = rest.substr(count.size, kept),
            .cut = count.value > kept,
            .skip = count.value - kept,
            .skip_line = false};
  }
  const std::size_t end = rest.substr(0, max_message_ + 1).find('\n');
  if (end != std::string_view::npos)
    return {.size = end + 1, .message = rest.substr(0, end), .cut = false, .skip = 0, .skip_line = false};
  if (rest.size() <= max_message_) return {};
  return {.size = max_message_,
          .message = rest.substr(0, max_message_),
          .cut = true,
          .skip = 0,
          .skip_line = true};
}

std::size_t SyslogFramer::read(std::string_view unread, const Sink& sink) {
  std::string_view rest = unread;
  while (!rest.empty()) {
    if (skip_ > 0) {
      const std::size_t skipped = std::min(skip_, rest.size());
      skip_ -= skipped;
      rest.remove_prefix(skipped);
      continue;
    }
    if (skip_line_) {
      const std::size_t end = rest.find('\n');
      skip_line_ = end == std::string_view::npos;
      rest.remove_prefix(skip_line_ ? rest.size() : end + 1);
      continue;
    }
    const Step step = next(rest);
    if (step.size == 0) break;
    const std::string_view message = without_end(step.message);
    if (!message.empty()) sink(message, step.cut);
    skip_ = step.skip;
    skip_line_ = step.skip_line;
    rest.remove_prefix(step.size);
  }
  return unread.size() - rest.size();
}

void SyslogFramer::finish(std::string_view unread, const Sink& sink) {
  unread.remove_prefix(read(unread, sink));
  if (unread.empty()) return;
  const Count count = read_count(unread);
  const std::string_view message = without_end(unread.substr(count.size));
  if (!message.empty() && count.whole) sink(message, count.size > 0);
}

}  // namespace sentinella::codec
