// What a log file became when it was rotated: renamed away (nova-api.log.1, nova-api.log-20261122), or copied
// and emptied (logrotate's copytruncate).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace sentinella::agent {

struct RotatedFile {
  std::filesystem::path path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  Time written;
  bool by_rotation = false;  ///< named as rotations do: '.' or '-' and a digit after the log's name
};

bool is_compressed(std::string_view name);
/// Whether `path` is named as rotations of `log` are: '.' or '-' and a digit after its name.
bool is_rotation_of(std::string_view path, std::string_view log);

/// Regular files beside `log` whose name begins with the log's and goes on, the one written to longest ago
/// first. Compressed ones are left out. Looks at 10,000 entries at most.
std::vector<RotatedFile> rotated_files(const std::filesystem::path& log);
/// Those that were packed (.gz, .xz, .zst) and are not beside their own unpacked form, as while they are
/// being packed. In the same order.
std::vector<RotatedFile> packed_rotations(const std::filesystem::path& log);

}  // namespace sentinella::agent
