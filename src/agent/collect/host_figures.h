// The text of /proc files -> figures. Pure; whatever the text, no more than it holds comes out. Formats:
// proc(5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::agent {

inline constexpr std::array<std::string_view, 8> kCpuModes = {"user",   "nice", "system",  "idle",
                                                              "iowait", "irq",  "softirq", "steal"};

/// /proc/stat. Guests' time is already in user and nice.
struct CpuFigures {
  std::array<double, kCpuModes.size()> seconds{};
  unsigned processors = 0;
  double total() const;
  double busy() const;  ///< all but idle and iowait
};
Result<CpuFigures> parse_cpu(std::string_view text);

/// /proc/meminfo, in bytes (the kernel's "kB" are KiB).
struct MemoryFigures {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
  std::uint64_t swap_used = 0;
};
Result<MemoryFigures> parse_meminfo(std::string_view text);

/// /proc/loadavg: 1, 5, 15 minutes.
Result<std::array<double, 3>> parse_loadavg(std::string_view text);

/// /proc/uptime, the first number.
Result<double> parse_uptime(std::string_view text);

/// /proc/diskstats; whole disks only: no partitions, loop, ram, zram, device-mapper or md devices, whose
/// bytes are already in those of the disks below them.
struct DiskFigures {
  std::string device;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};
std::vector<DiskFigures> parse_diskstats(std::string_view text);

/// /proc/net/dev; all but loopback and the per-instance interfaces (tap, veth, qbr, qvb, qvo), which would
/// make a series for every instance that ever was.
struct NetworkFigures {
  std::string interface;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
};
std::vector<NetworkFigures> parse_net_dev(std::string_view text);

/// /proc/mounts: mount points of local disk file systems, each device once. Network file systems are left
/// out: asking one whose server is gone would stop the agent.
std::vector<std::string> parse_mounts(std::string_view text);

}  // namespace sentinella::agent
