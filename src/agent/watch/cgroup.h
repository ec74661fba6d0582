// Where a process stands in the control groups: which unit started it, in which container it runs, and the
// group's own figures. Formats: cgroups(7), the kernel's cgroup-v2 document; names of groups as Docker,
// Podman, containerd, CRI-O and LXC give them. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sentinella::agent {

struct CgroupPlace {
  std::string path;  ///< in the unified hierarchy, "/system.slice/nova-api.service"; "" = none
  std::string unit;  ///< of this host, "nova-api.service"; "" = not of a unit
  /// The first 12 digits of its id, as `docker ps` shows it, or its name of LXC; "" = not in one. Of several
  /// within each other the outermost, which this host knows.
  std::string container;
};

/// /proc/PID/cgroup, of version 2 or 1 or both.
CgroupPlace parse_cgroup(std::string_view text);

/// What a service manager says of one group; absent where the file is not there.
struct CgroupFigures {
  std::optional<double> memory_bytes;
  std::optional<double> memory_limit_bytes;  ///< absent = no limit
  std::optional<double> oom_kills;
  std::optional<double> throttled_seconds;
};

/// memory.current, memory.max ("max" = no limit).
std::optional<double> parse_cgroup_number(std::string_view text);
/// A line "KEY NUMBER" of memory.events or cpu.stat.
std::optional<double> parse_cgroup_field(std::string_view text, std::string_view key);

/// Reads the files of one group below `root` (/sys/fs/cgroup). The root group itself has no figures of a
/// service.
CgroupFigures read_cgroup(const std::string& root, const std::string& path);

}  // namespace sentinella::agent
