// The kernel's own log (/dev/kmsg, the kernel's ABI document dev-kmsg) as log records of the service
// "kernel": out of memory, disk errors, crashes of programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/event_loop.h"
#include "base/time.h"

namespace sentinella::agent {

struct KernelMessage {
  unsigned priority = 6;    ///< as syslog's: 0 to 7
  bool from_kernel = true;  ///< programs may write here too
  std::uint64_t sequence = 0;
  Duration since_boot{};
  std::string text;  ///< one line; \xNN of the format unescaped
};

/// One record as read(2) gives it. nullopt: not one.
std::optional<KernelMessage> parse_kernel_message(std::string_view record);

/// The message as a line of RFC 5424, which the server reads. `boot`: when the host was started.
std::string kernel_log_line(const KernelMessage& message, std::string_view host, Time boot);

/// Not thread-safe; lives on the loop's thread. Begins with what is said from now on.
class KernelLog {
 public:
  struct Callbacks {
    std::function<void(const KernelMessage&)> message;
    /// True: nothing can be taken now; the kernel keeps it.
    std::function<bool()> busy;
  };
  /// `clock` is monotonic.
  KernelLog(EventLoop& loop, const Clock& clock, Callbacks callbacks,
            std::filesystem::path path = "/dev/kmsg");
  ~KernelLog();
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;

  /// kForbidden: CAP_SYSLOG is needed where kernel.dmesg_restrict is set.
  Result<void> start();
  /// Reads what is there; also goes on after a time of being busy.
  void poll();
  /// Messages that the kernel overwrote before they were read, and records that are none, by the gaps in
  /// their numbers.
  std::uint64_t lost() const { return lost_; }
  /// For how long it was not read to its end: while busy(). 0: it is.
  Duration waited() const { return unread_since_ ? clock_.now() - *unread_since_ : Duration(0); }

 private:
  enum class Reading { at_end, in_part, busy };
  Reading read_some();
  void take(std::string_view record);

  EventLoop& loop_;
  const Clock& clock_;
  const Callbacks callbacks_;
  const std::filesystem::path path_;
  FileDescriptor file_;
  bool watching_ = false;
  std::optional<std::uint64_t> next_sequence_;  ///< absent: none was read
  std::optional<Time> unread_since_;
  std::uint64_t lost_ = 0;
};

}  // namespace sentinella::agent
