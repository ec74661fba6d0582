// What runs on this machine, for `init`, `list` and the checks: known services among the processes, and for
// each what shows that it is there.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/discover/listening.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

struct RunningProcess {
  pid_t pid = 0;
  std::vector<std::string> arguments;
  std::vector<std::string> open_logs;  ///< open files that end in ".log", as far as we may see
  std::vector<std::uint64_t> sockets;  ///< inodes, as far as we may see
  std::string unit;                    ///< "nova-api.service", "" = none
  std::string container;               ///< as CgroupPlace has it, "" = none
};

/// All that discovery looks at; given, so that tests need no machine.
struct Surroundings {
  std::vector<RunningProcess> processes;
  std::vector<ListeningSocket> listening;
  std::set<std::string> enabled_units;  ///< started at boot, "nova-api.service"
  /// Whether a file is there.
  std::function<bool(const std::string& path)> exists = [](const std::string&) { return false; };
  /// What Docker or Podman keep of a container's output; "" = nothing on this host.
  std::function<std::string(const std::string& container)> console = [](const std::string&) { return ""; };
  std::string host;
};

struct Finding {
  ServiceConfig service;
  std::string
      evidence;  ///< "pid 712 and 3 more, unit nova-api.service, port 8774, log open"; "" = does not run here
  bool starts_at_boot = false;  ///< its unit is enabled, whether it runs or not
};

/// Every known service that runs, and those that `init` asks for anyway (their `enabled` is false when
/// nothing runs), and those whose unit starts at boot although they do not run. A service's log is the one it
/// has open, else one named in its arguments (--log-file), else the first usual place that exists, else the
/// journal when it runs as a unit, else Debian's. Of a container: that file where the host has it (Kolla's
/// volume), else the container's output. Its check is set when it listens where it usually does, or
/// on one port only.
std::vector<Finding> find_services(const Surroundings& here);

/// Known services that run here and are not among `named`, switched off ones included; with their evidence.
std::vector<Finding> unnamed_services(const Surroundings& here, const std::vector<ServiceConfig>& named);

/// Where `service` can be asked whether it answers: a URL of check/check_target.h, "" = nowhere that we know
/// of. `sockets`: inodes of its processes' sockets, empty when we may not look.
std::string check_url(std::string_view service, const std::vector<std::uint64_t>& sockets,
                      const std::vector<ListeningSocket>& listening);

/// Inodes of the sockets that a process has open; empty when we may not look.
std::vector<std::uint64_t> sockets_of(pid_t process);

/// Reading what processes have open, and the kernel's table of sockets, takes longer than all the rest.
enum class Look : std::uint8_t { names, everything };

/// This machine; of its processes those that a known service could be.
Surroundings look_around(const ProcFs& proc, Look look = Look::everything);

}  // namespace sentinella::agent
