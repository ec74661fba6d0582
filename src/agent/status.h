// `sentinella status`: the running agent answers on a Unix socket in its state directory; nothing is written
// to disk for it. Also what the agent remembers of services (seen.json).
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "agent/remote/remote_settings.h"
#include "agent/spool/spool.h"
#include "agent/uplink/uplink.h"
#include "agent/watch/process_watch.h"
#include "base/file.h"
#include "base/time.h"

namespace sentinella::agent {

struct ServiceStatus {
  std::string name;
  std::string log;  ///< several with ", " between
  std::vector<pid_t> mains;
  std::size_t processes = 0;
  bool ever_seen = false;
  std::string log_problem{};
  std::string hung{};                 ///< why it does not respond though it runs
  std::uint64_t dropped_records = 0;  ///< of its logs, over their limits
  std::string broker{};               ///< "connected", "lost", "" = not known; of services without a port
  bool broker_by_owner = false;       ///< as its user's connections show; its own may not be looked at
};

struct AgentStatus {
  std::string version;
  std::string host;
  Time started;
  std::string server_url;
  UplinkStatus uplink;
  SpoolStatistics spool;
  std::uint64_t spool_max_bytes = 0;
  WatchMethods watch;
  std::string kernel_log_problem;
  std::uint64_t kernel_records_dropped = 0;  ///< over log_limits
  std::uint64_t kernel_messages_lost = 0;    ///< overwritten before they were read
  SettingsStatus settings;                   ///< of the server's
  std::string guard;  ///< what the agent gives up to stay below its own caps, and why; "" = nothing
  int guard_step = 0;
  std::string config_problem;                ///< of a configuration that changed and cannot be used
  std::vector<std::string> source_problems;  ///< of systems below `collect`, plug-ins, services not watched
  std::vector<ServiceStatus> services;
};

/// The document `sentinella status --json` shows. Holds no secret.
std::string to_json(const AgentStatus& status, Time now);
/// The same for people; kCorrupt when `json` is not such a document.
Result<std::string> status_text(std::string_view json);

Result<FileDescriptor> listen_for_status(const std::filesystem::path& socket);
/// Accepts one caller, tells, hangs up. Never waits.
void answer_status(int socket, std::string_view json);
/// kUnavailable: no agent runs with this state directory. kForbidden: not our business.
Result<std::string> ask_status(const std::filesystem::path& socket);

/// Services that have run here, ever; a missing or damaged file is an empty set.
std::set<std::string> load_seen(const std::filesystem::path& file);
Result<void> save_seen(const std::filesystem::path& file, const std::set<std::string>& services);

}  // namespace sentinella::agent
