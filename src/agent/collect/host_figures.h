// The text of /proc files -> figures. Pure; whatever the text, no more than it holds comes out. Formats:
// proc(5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sentinella::agent {

inline constexpr std::array<std::string_view, 8> kCpuModes = {"user",   "nice", "system",  "idle",
                                                              "iowait", "irq",  "softirq", "steal"};

/// Seconds by mode of all processors, or of one. Guests' time is already in user and nice.
struct CpuTimes {
  std::array<double, kCpuModes.size()> seconds{};
  double total() const;
  double busy() const;  ///< all but idle and iowait
};

/// /proc/stat.
struct CpuFigures : CpuTimes {
  unsigned processors = 0;
  std::vector<std::pair<std::string, CpuTimes>> cores;  ///< by number, as text; those online
  std::uint64_t context_switches = 0;
  std::uint64_t interrupts = 0;
  std::uint64_t forks = 0;
  std::uint64_t running = 0;
  std::uint64_t blocked = 0;
};
Result<CpuFigures> parse_cpu(std::string_view text);

/// /proc/meminfo, in bytes (the kernel's "kB" are KiB).
struct MemoryFigures {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
  std::uint64_t swap_used = 0;
  std::uint64_t swap_total = 0;
  std::uint64_t free = 0;
  std::uint64_t cached = 0;
  std::uint64_t dirty = 0;
  std::uint64_t slab = 0;
  std::uint64_t committed = 0;
  std::uint64_t hugepages = 0;  ///< pages, not bytes
  std::uint64_t hugepages_free = 0;
};
Result<MemoryFigures> parse_meminfo(std::string_view text);

/// /proc/loadavg: 1, 5, 15 minutes.
Result<std::array<double, 3>> parse_loadavg(std::string_view text);
/// /proc/loadavg, "running/ALL": processes and threads.
std::optional<double> parse_process_count(std::string_view text);

/// /proc/uptime, the first number.
Result<double> parse_uptime(std::string_view text);

/// /proc/diskstats; whole disks only: no partitions, loop, ram, zram, device-mapper or md devices, whose
/// bytes are already in those of the disks below them.
struct DiskFigures {
  std::string device;
  std::uint64_t reads = 0;
  std::uint64_t read_bytes = 0;
  double read_seconds = 0;
  std::uint64_t writes = 0;
  std::uint64_t written_bytes = 0;
  double write_seconds = 0;
  std::uint64_t in_flight = 0;
  double busy_seconds = 0;
};
std::vector<DiskFigures> parse_diskstats(std::string_view text);

/// /proc/net/dev; all but loopback and the per-instance interfaces (tap, veth, qbr, qvb, qvo), which would
/// make a series for every instance that ever was.
struct NetworkFigures {
  struct Direction {
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
    std::uint64_t errors = 0;
    std::uint64_t dropped = 0;
  };
  std::string interface;
  Direction received;
  Direction sent;
};
std::vector<NetworkFigures> parse_net_dev(std::string_view text);

/// /proc/net/bonding/NAME.
struct BondFigures {
  unsigned links = 0;
  unsigned up = 0;
};
BondFigures parse_bond(std::string_view text);

struct MountFigures {
  std::string path;
  std::string device;
  std::string type;  ///< "ext4"
};
/// /proc/mounts: local disk file systems, each device once. Network file systems are left
/// out: asking one whose server is gone would stop the agent.
std::vector<MountFigures> parse_mounts(std::string_view text);

}  // namespace sentinella::agent
