#include "agent/collect/host_disks.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxDisks = 256;
constexpr std::size_t kMaxAttribute = 4096;
constexpr std::size_t kMaxModel = 120;
constexpr std::uint64_t kSector = 512;  // the unit of "size", whatever the disk's own is
constexpr std::array<std::string_view, 8> kNoDisks = {"loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"};

std::string attribute(const std::filesystem::path& disk, const char* name) {
  const auto text = read_file(disk / name, kMaxAttribute);
  return text ? std::string(trim(*text)) : "";
}

std::string kind_of(const std::string& device, bool rotates) {
  if (device.starts_with("nvme")) return "nvme";
  // What a virtual disk says of rotation is its hypervisor's default.
  if (device.starts_with("vd") || device.starts_with("xvd")) return "virtual";
  return rotates ? "hdd" : "ssd";
}

}  // namespace

std::vector<HostDisk> read_host_disks(const std::filesystem::path& block) {
  std::vector<HostDisk> disks;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(block, error), end; !error && entry != end;
       entry.increment(error)) {
    HostDisk disk;
    disk.device = entry->path().filename();
    const auto is_none = [&](std::string_view prefix) { return disk.device.starts_with(prefix); };
    if (disks.size() == kMaxDisks || std::ranges::any_of(kNoDisks, is_none)) continue;
    disk.bytes = parse_uint(attribute(entry->path(), "size")).value_or(0) * kSector;
    if (disk.bytes == 0) continue;
    disk.kind = kind_of(disk.device, attribute(entry->path(), "queue/rotational") == "1");
    disk.model = attribute(entry->path(), "device/model").substr(0, kMaxModel);
    disks.push_back(std::move(disk));
  }
  std::ranges::sort(disks, {}, &HostDisk::device);
  return disks;
}

}  // namespace sentinella::agent
