// The doors for other people's log shippers, and what each has counted.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace sentinella::api {

enum class LogDoor : std::uint8_t {
  syslog_udp,
  syslog_tcp,
  syslog_tls,
  forward,
  lumberjack,
  loki,
  elasticsearch,
  lines
};
inline constexpr std::size_t kLogDoors = 8;
std::string_view to_string(LogDoor door);

struct LogDoorCounts {
  std::atomic<std::uint64_t> records = 0;  ///< durable
  std::atomic<std::uint64_t> bytes = 0;    ///< of their texts
  std::atomic<std::uint64_t> refused = 0;  ///< records at fault
  std::atomic<std::uint64_t> lost = 0;     ///< records that nobody will send again
  std::atomic<std::uint64_t> cut = 0;      ///< records over the size limit: their beginning is kept
  std::atomic<std::uint64_t> waits = 0;    ///< batches that intake did not take at once
};

class LogDoorCounters {
 public:
  LogDoorCounts& of(LogDoor door) { return counts_[static_cast<std::size_t>(door)]; }
  const LogDoorCounts& of(LogDoor door) const { return counts_[static_cast<std::size_t>(door)]; }

 private:
  std::array<LogDoorCounts, kLogDoors> counts_;
};

/// What a listener has seen; connections mean nothing for datagrams.
struct ListenerFigures {
  LogDoor door{};
  std::uint64_t connections = 0, open = 0, refused = 0, overflowed = 0;
};

}  // namespace sentinella::api
