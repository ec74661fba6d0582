#include "agent/collect/host_figures.h"

#include <algorithm>
#include <set>

#include "agent/collect/words.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr double kTicksPerSecond = 100;
constexpr std::size_t kMaxMounts = 64;
constexpr std::size_t kMaxDevices = 256;
constexpr unsigned kMaxProcessors = 4096;
constexpr std::size_t kMaxInterruptLine = 64;  // the sum stands first, thousands of numbers follow

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

CpuTimes cpu_times(const std::vector<std::string_view>& fields) {
  CpuTimes times;
  for (std::size_t i = 0; i < kCpuModes.size() && i + 1 < fields.size(); ++i)
    times.seconds[i] = static_cast<double>(parse_uint(fields[i + 1]).value_or(0)) / kTicksPerSecond;
  return times;
}

bool is_whole_disk(std::string_view name) {
  if (starts_with_any(name, {"loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd", "rbd"})) return false;
  // Partitions: sda1, vdb2, nvme0n1p1, mmcblk0p2; disks: sda, nvme0n1, mmcblk0.
  if (starts_with_any(name, {"nvme", "mmcblk"})) return name.find('p', 5) == std::string_view::npos;
  return !name.empty() && !is_digit(name.back());
}

/// Mount points have blanks as \040 and so on.
std::string unescape_mount(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool octal = text[i] == '\\' && i + 3 < text.size() && is_digit(text[i + 1]) &&
                       is_digit(text[i + 2]) && is_digit(text[i + 3]);
    out += octal ? static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'))
                 : text[i];
    if (octal) i += 3;
  }
  return out;
}

}  // namespace

double CpuTimes::total() const {
  double sum = 0;
  for (double mode : seconds) sum += mode;
  return sum;
}

double CpuTimes::busy() const {
  return total() - seconds[3] - seconds[4];
}

Result<CpuFigures> parse_cpu(std::string_view text) {
  CpuFigures figures;
  bool found = false;
  for (std::string_view line : split(text, '\n')) {
    if (line.starts_with("intr")) line = line.substr(0, kMaxInterruptLine);
    const auto fields = words(line);
    if (fields.size() < 2) continue;
    const std::uint64_t first = parse_uint(fields[1]).value_or(0);
    if (fields[0] == "cpu") {
      figures.seconds = cpu_times(fields).seconds;
      found = fields.size() > 4;
    } else if (fields[0].starts_with("cpu") && figures.processors < kMaxProcessors) {
      ++figures.processors;
      figures.cores.emplace_back(fields[0].substr(3), cpu_times(fields));
    } else if (fields[0] == "intr") {
      figures.interrupts = first;
    } else if (fields[0] == "ctxt") {
      figures.context_switches = first;
    } else if (fields[0] == "processes") {
      figures.forks = first;
    } else if (fields[0] == "procs_running") {
      figures.running = first;
    } else if (fields[0] == "procs_blocked") {
      figures.blocked = first;
    }
  }
  if (!found) return fail(Errc::kCorrupt, "/proc/stat has no line \"cpu\"");
  return figures;
}

Result<MemoryFigures> parse_meminfo(std::string_view text) {
  using Member = std::uint64_t MemoryFigures::*;
  static constexpr std::pair<std::string_view, Member> kFields[] = {
      {"MemTotal:", &MemoryFigures::total},
      {"MemAvailable:", &MemoryFigures::available},
      {"MemFree:", &MemoryFigures::free},
      {"Cached:", &MemoryFigures::cached},
      {"Dirty:", &MemoryFigures::dirty},
      {"Slab:", &MemoryFigures::slab},
      {"SwapTotal:", &MemoryFigures::swap_total},
      {"SwapFree:", &MemoryFigures::swap_used},
      {"Committed_AS:", &MemoryFigures::committed},
      {"HugePages_Total:", &MemoryFigures::hugepages},
      {"HugePages_Free:", &MemoryFigures::hugepages_free},
  };
  MemoryFigures memory;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (fields.size() < 2) continue;
    const auto* known = std::ranges::find(kFields, fields[0], &std::pair<std::string_view, Member>::first);
    if (known == std::end(kFields)) continue;
    const std::uint64_t unit = fields.size() > 2 ? 1024 : 1;
    memory.*known->second = parse_uint(fields[1]).value_or(0) * unit;
  }
  const std::uint64_t swap_free = memory.swap_used;
  memory.swap_used = memory.swap_total > swap_free ? memory.swap_total - swap_free : 0;
  if (memory.total == 0 || memory.available == 0 || memory.available > memory.total)
    return fail(Errc::kCorrupt, "/proc/meminfo has no MemTotal and MemAvailable");
  return memory;
}

Result<std::array<double, 3>> parse_loadavg(std::string_view text) {
  const auto fields = words(trim(text));
  std::array<double, 3> loads{};
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const auto value = i < fields.size() ? parse_double(fields[i]) : std::nullopt;
    if (!value) return fail(Errc::kCorrupt, "/proc/loadavg does not begin with three numbers");
    loads[i] = *value;
  }
  return loads;
}

std::optional<double> parse_process_count(std::string_view text) {
  const auto fields = words(trim(text));
  if (fields.size() < 4) return std::nullopt;
  const std::size_t slash = fields[3].find('/');
  return slash == std::string_view::npos ? std::nullopt : parse_double(fields[3].substr(slash + 1));
}

Result<double> parse_uptime(std::string_view text) {
  const auto fields = words(trim(text));
  const auto value = fields.empty() ? std::nullopt : parse_double(fields[0]);
  if (!value) return fail(Errc::kCorrupt, "/proc/uptime does not begin with a number");
  return *value;
}

std::vector<DiskFigures> parse_diskstats(std::string_view text) {
  constexpr std::uint64_t kSectorBytes = 512;  // whatever the disk's own sectors are
  std::vector<DiskFigures> disks;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (fields.size() < 10 || !is_whole_disk(fields[2]) || disks.size() == kMaxDevices) continue;
    const auto number = [&](std::size_t field) {
      return field < fields.size() ? parse_uint(fields[field]).value_or(0) : 0;
    };
    const auto seconds = [&](std::size_t field) { return static_cast<double>(number(field)) / 1000; };
    disks.push_back({std::string(fields[2]), number(3), number(5) * kSectorBytes, seconds(6), number(7),
                     number(9) * kSectorBytes, seconds(10), number(11), seconds(12)});
  }
  return disks;
}

std::vector<NetworkFigures> parse_net_dev(std::string_view text) {
  std::vector<NetworkFigures> interfaces;
  for (std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || interfaces.size() == kMaxDevices) continue;
    const std::string_view name = trim(line.substr(0, colon));
    if (name == "lo" || starts_with_any(name, {"tap", "veth", "qbr", "qvb", "qvo"})) continue;
    const auto fields = words(line.substr(colon + 1));
    if (fields.size() < 12) continue;
    const auto direction = [&](std::size_t first) {
      const auto number = [&](std::size_t field) { return parse_uint(fields[first + field]).value_or(0); };
      return NetworkFigures::Direction{number(0), number(1), number(2), number(3)};
    };
    interfaces.push_back({std::string(name), direction(0), direction(8)});
  }
  return interfaces;
}

BondFigures parse_bond(std::string_view text) {
  BondFigures bond;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("Slave Interface:")) ++bond.links;
    // The first is the bond's own; each link has one.
    const bool up = line.starts_with("MII Status:") && trim(line.substr(line.find(':') + 1)) == "up";
    if (up && bond.up < bond.links) ++bond.up;
  }
  return bond;
}

std::vector<MountFigures> parse_mounts(std::string_view text) {
  constexpr std::array<std::string_view, 9> kLocal = {"ext2", "ext3", "ext4", "xfs",    "btrfs",
                                                      "zfs",  "f2fs", "vfat", "overlay"};
  std::vector<MountFigures> mounts;
  std::set<std::string_view> devices;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (fields.size() < 3 || std::ranges::find(kLocal, fields[2]) == kLocal.end()) continue;
    // Of overlays only the root of a container is somebody's disk.
    if (fields[2] == "overlay" && fields[1] != "/") continue;
    if (!devices.insert(fields[0]).second || mounts.size() == kMaxMounts) continue;
    mounts.push_back({unescape_mount(fields[1]), unescape_mount(fields[0]), std::string(fields[2])});
  }
  return mounts;
}

}  // namespace sentinella::agent
