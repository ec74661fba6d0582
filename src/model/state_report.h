// What an agent says about processes, at once when something happens and whole every interval.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace sentinella {

struct StateReport {
  enum class Kind : std::uint8_t {
    heartbeat,       ///< the agent is alive; service is ""
    snapshot,        ///< the service as it is: running (processes > 0) or absent (0)
    started,         ///< a main process of the service appeared
    exited,          ///< a main process of the service ended
    log_unreadable,  ///< detail says which file, why, and the command that mends it
    log_readable,
  };
  /// Why a process ended, as far as the kernel, systemd or its own log told.
  enum class Exit : std::uint8_t {
    unknown,  ///< nobody told; treated as a crash
    orderly,  ///< exit 0, SIGTERM, announced in the log, or a unit stopped on request
    crash,    ///< another signal, or another exit code
  };

  Kind kind = Kind::heartbeat;
  Time at;
  std::string host;
  std::string service;
  std::uint32_t pid = 0;
  std::uint32_t processes = 0;  ///< snapshot: how many processes of the service run now
  bool ever_seen = false;       ///< snapshot: this agent has seen the service run on this host, ever
  Exit exit = Exit::unknown;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string detail;  ///< evidence in words: "killed by signal 9 (kernel)", "log says: Caught SIGTERM"
};

std::string_view to_string(StateReport::Kind kind);
std::string_view to_string(StateReport::Exit exit);

}  // namespace sentinella
