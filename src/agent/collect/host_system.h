// What a host is, for people: read once, as it hardly changes while an agent runs.
#pragma once

#include <filesystem>
#include <string>

#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

/// "" = not known.
struct HostSystem {
  std::string kernel;     ///< "6.1.0-37-amd64"
  std::string arch;       ///< "x86_64"
  std::string os;         ///< "Debian GNU/Linux 12 (bookworm)"
  std::string cpu;        ///< "AMD EPYC 7B13"
  std::string openstack;  ///< release of the Python packages in the system's own folders: "2023.1 (Antelope)"
};

/// `root` is that of etc and usr. No text has more than 120 bytes.
HostSystem read_host_system(const ProcFs& proc, const std::filesystem::path& root = "/");

}  // namespace sentinella::agent
