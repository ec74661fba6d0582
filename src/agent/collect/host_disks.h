// The disks of a host, for people: what there is, not what it does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sentinella::agent {

struct HostDisk {
  std::string device;  ///< "sda"
  std::string kind;    ///< "hdd", "ssd", "nvme", or "virtual" of a virtual machine
  std::string model;   ///< "" = not told; at most 120 bytes
  std::uint64_t bytes = 0;
};

/// Whole disks with a size, by name; loop devices, memory disks and mappings of others are left out. At most
/// 256.
std::vector<HostDisk> read_host_disks(const std::filesystem::path& block = "/sys/block");

}  // namespace sentinella::agent
