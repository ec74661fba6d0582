#include "agent/tail/kernel_log.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxRecord = 8192;  // the kernel gives no larger one
constexpr int kMaxPerTurn = 500;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x' &&
                        hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0;
    if (!escape) {
      out += text[i];
      continue;
    }
    const char c = static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
    out += c == '\n' ? ' ' : c;
    i += 3;
  }
  return out;
}

}  // namespace

std::optional<KernelMessage> parse_kernel_message(std::string_view record) {
  // "6,339,5140900,-;NET: Registered protocol family 10\n SUBSYSTEM=..."
  const std::size_t semicolon = record.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  const auto head = split(record.substr(0, semicolon), ',');
  if (head.size() < 3) return std::nullopt;
  const auto priority = parse_uint(head[0]), sequence = parse_uint(head[1]),
             microseconds = parse_uint(head[2]);
  constexpr std::uint64_t kMaxMicroseconds =
      9'000'000'000'000'000;  // 285 years, in nanoseconds still a number
  if (!priority || !sequence || !microseconds || *microseconds > kMaxMicroseconds) return std::nullopt;
  const std::string_view text = record.substr(semicolon + 1);
  KernelMessage message;
  message.priority = static_cast<unsigned>(*priority & 7);
  message.from_kernel = *priority < 8;
  message.sequence = *sequence;
  message.since_boot = std::chrono::microseconds(*microseconds);
  message.text = unescape(text.substr(0, text.find('\n')));
  return message;
}

std::string kernel_log_line(const KernelMessage& message, std::string_view host, Time boot) {
  return fmt::format("<{}>1 {} {} kernel - - - {}", message.priority, to_rfc3339(boot + message.since_boot),
                     host.empty() ? "-" : host, message.text);
}

KernelLog::KernelLog(EventLoop& loop, const Clock& clock, Callbacks callbacks, std::filesystem::path path)
    : loop_(loop), clock_(clock), callbacks_(std::move(callbacks)), path_(std::move(path)) {}

KernelLog::~KernelLog() {
  if (watching_) loop_.unwatch(file_.get());
}

Result<void> KernelLog::start() {
  file_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file_) {
    const int error = errno;
    return fail(error == EPERM || error == EACCES ? Errc::kForbidden : Errc::kIo,
                "the kernel's log {} cannot be read: {}", path_.string(), std::strerror(error));
  }
  ::lseek(file_.get(), 0, SEEK_END);
  const auto watched = loop_.watch(file_.get(), [this] { poll(); });
  watching_ = watched.has_value();
  return {};
}

void KernelLog::take(std::string_view record) {
  const auto message = parse_kernel_message(record);
  if (!message) return;  // its number will be missing
  if (next_sequence_ && message->sequence > *next_sequence_) lost_ += message->sequence - *next_sequence_;
  next_sequence_ = message->sequence + 1;
  if (message->from_kernel) callbacks_.message(*message);
}

KernelLog::Reading KernelLog::read_some() {
  char record[kMaxRecord];
  for (int i = 0; i < kMaxPerTurn; ++i) {
    if (callbacks_.busy()) return Reading::busy;
    const ssize_t n = ::read(file_.get(), record, sizeof record);
    // EPIPE: the place was overwritten, reading goes on with what is left; EINVAL: one that is too large is
    // passed over.
    if (n < 0 && (errno == EPIPE || errno == EINVAL)) {
      lost_ += next_sequence_ ? 0 : 1;  // how many there were is not known before the first
      continue;
    }
    if (n <= 0) return Reading::at_end;
    take(std::string_view(record, static_cast<std::size_t>(n)));
  }
  return Reading::in_part;
}

void KernelLog::poll() {
  if (!file_) return;
  const Reading reading = read_some();
  if (reading == Reading::at_end)
    unread_since_.reset();
  else if (!unread_since_)
    unread_since_ = clock_.now();
  // While nobody takes anything the loop must not spin on what lies there.
  if (reading == Reading::busy && watching_) {
    loop_.unwatch(file_.get());
    watching_ = false;
  } else if (reading != Reading::busy && !watching_) {
    watching_ = loop_.watch(file_.get(), [this] { poll(); }).has_value();
  }
}

}  // namespace sentinella::agent
