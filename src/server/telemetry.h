// The listener at a cloud's message bus: from the configuration to running threads, and from what they
// process to the intake.
#pragma once

#include <filesystem>
#include <memory>

#include "api/context.h"
#include "api/gnocchi/options.h"
#include "catalog/resource_registry.h"
#include "server/periodic_task.h"
#include "server/telemetry_config.h"
#include "server/telemetry_uplink.h"
#include "telemetry/dead_letters.h"
#include "telemetry/notification_agent.h"
#include "telemetry/polling/poller.h"
#include "telemetry/publish/publisher_queue.h"

namespace sentinella::server {

struct Telemetry {
  AccountId account{};                      ///< whose the cloud is
  std::shared_ptr<TelemetryUplink> uplink;  ///< of a process that keeps nothing itself
  std::unique_ptr<telemetry::DeadLetters> dead_letters;
  std::unique_ptr<telemetry::PublisherSet> publishers;  ///< other than our own store
  std::unique_ptr<telemetry::NotificationAgent> agent;
  std::unique_ptr<telemetry::Poller> poller;  ///< nullptr = no API is asked
  std::unique_ptr<PeriodicTask> hypervisors;  ///< reads what our agents measure of instances; may be nullptr
  std::unique_ptr<PeriodicTask> figures;      ///< keeps how all of this stands

  /// Ends who asks and who listens, in an order in which nobody is left behind, and waits for no answer, but
  /// for that of a resolver that is looking a name up. Publishers stay.
  void end();
};

/// Nothing when the configuration names neither broker nor Keystone nor pollsters of its own. kInvalid: a
/// definition or pipeline file, or the account; a broker that does not answer is no error. `directory` holds
/// dead letters and what must outlive the process. `server` and `resources` must outlive what is returned.
Result<Telemetry> start_telemetry(const TelemetryConfig& config, const std::filesystem::path& directory,
                                  api::Context& server, catalog::ResourceRegistry& resources,
                                  const api::gnocchi::Options& gnocchi);

/// The same for a process that keeps nothing itself and sends to the server of the configuration: the role
/// telemetry. kInvalid also when it names none.
Result<Telemetry> start_telemetry_alone(const TelemetryConfig& config,
                                        const std::filesystem::path& directory);

}  // namespace sentinella::server
