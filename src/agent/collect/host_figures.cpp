#include "agent/collect/host_figures.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr double kTicksPerSecond = 100;
constexpr std::size_t kMaxMounts = 64;
constexpr std::size_t kMaxDevices = 256;

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> result;
  for (std::size_t at = 0;;) {
    at = line.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return result;
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    result.push_back(line.substr(at, end - at));
    at = end;
  }
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
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

double CpuFigures::total() const {
  double sum = 0;
  for (double mode : seconds) sum += mode;
  return sum;
}

double CpuFigures::busy() const {
  return total() - seconds[3] - seconds[4];
}

Result<CpuFigures> parse_cpu(std::string_view text) {
  CpuFigures figures;
  bool found = false;
  for (std::string_view line : split(text, '\n')) {
    if (!line.starts_with("cpu")) break;
    const auto fields = words(line);
    if (fields[0] != "cpu") {
      ++figures.processors;
      continue;
    }
    for (std::size_t i = 0; i < kCpuModes.size() && i + 1 < fields.size(); ++i)
      figures.seconds[i] = static_cast<double>(parse_uint(fields[i + 1]).value_or(0)) / kTicksPerSecond;
    found = fields.size() > 4;
  }
  if (!found) return fail(Errc::kCorrupt, "/proc/stat does not begin with the line \"cpu\"");
  return figures;
}

Result<MemoryFigures> parse_meminfo(std::string_view text) {
  std::optional<std::uint64_t> total, available, swap_total, swap_free;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (fields.size() < 2) continue;
    const auto bytes = [&]() -> std::optional<std::uint64_t> {
      const auto kib = parse_uint(fields[1]);
      return kib ? std::optional(*kib * 1024) : std::nullopt;
    };
    if (fields[0] == "MemTotal:") total = bytes();
    if (fields[0] == "MemAvailable:") available = bytes();
    if (fields[0] == "SwapTotal:") swap_total = bytes();
    if (fields[0] == "SwapFree:") swap_free = bytes();
  }
  if (!total || !available || *total == 0 || *available > *total)
    return fail(Errc::kCorrupt, "/proc/meminfo has no MemTotal and MemAvailable");
  const std::uint64_t swap = swap_total.value_or(0), free = swap_free.value_or(0);
  return MemoryFigures{*total, *available, swap > free ? swap - free : 0};
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

Result<double> parse_uptime(std::string_view text) {
  const auto fields = words(trim(text));
  const auto value = fields.empty() ? std::nullopt : parse_double(fields[0]);
  if (!value) return fail(Errc::kCorrupt, "/proc/uptime does not begin with a number");
  return *value;
}

std::vector<DiskFigures> parse_diskstats(std::string_view text) {
  constexpr std::uint64_t kSector = 512;  // whatever the disk's own sectors are
  std::vector<DiskFigures> disks;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (fields.size() < 10 || !is_whole_disk(fields[2]) || disks.size() == kMaxDevices) continue;
    const auto read = parse_uint(fields[5]), written = parse_uint(fields[9]);
    if (read && written) disks.push_back({std::string(fields[2]), *read * kSector, *written * kSector});
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
    if (fields.size() < 9) continue;
    const auto received = parse_uint(fields[0]), sent = parse_uint(fields[8]);
    if (received && sent) interfaces.push_back({std::string(name), *received, *sent});
  }
  return interfaces;
}

std::vector<std::string> parse_mounts(std::string_view text) {
  constexpr std::array<std::string_view, 9> kLocal = {"ext2", "ext3", "ext4", "xfs",    "btrfs",
                                                      "zfs",  "f2fs", "vfat", "overlay"};
  std::vector<std::string> mounts;
  std::set<std::string_view> devices;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (fields.size() < 3 || std::ranges::find(kLocal, fields[2]) == kLocal.end()) continue;
    // Of overlays only the root of a container is somebody's disk.
    if (fields[2] == "overlay" && fields[1] != "/") continue;
    if (!devices.insert(fields[0]).second || mounts.size() == kMaxMounts) continue;
    mounts.push_back(unescape_mount(fields[1]));
  }
  return mounts;
}

}  // namespace sentinella::agent
