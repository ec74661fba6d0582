// How the listener, its pollsters and publishers stand, as series of the account whose cloud it is: what
// rules and dashboards see of it. All have the label `listener`, the host that listens.
//
// | series | of each | |
// | --- | --- | --- |
// | sentinella_telemetry_broker_connected | broker | 1 or 0 |
// | sentinella_telemetry_notifications_total | | counter |
// | sentinella_telemetry_dead_letters, ..._dead_letters_dropped_total | | kept now; gone for want of room |
// | sentinella_telemetry_publisher_items_total | publisher, fate | delivered, dropped, overflowed |
// | sentinella_telemetry_publisher_queued, ..._publisher_failing | publisher | failing: 1 or 0, see
// |                                                              |           | PublisherStatus |
// | sentinella_telemetry_pollster_failing | pollster | 1 or 0; a service that a cloud lacks is no failure |
#pragma once

#include <string>
#include <vector>

#include "api/context.h"
#include "model/series.h"
#include "telemetry/notification_agent.h"
#include "telemetry/polling/poller.h"
#include "telemetry/publish/publisher_queue.h"

namespace sentinella::server {

/// What one look at it saw.
struct TelemetryStanding {
  telemetry::AgentStatus agent;
  std::vector<telemetry::PublisherStatus> publishers;
  std::vector<telemetry::PollsterStatus> pollsters;  ///< those never asked are left out
};

/// One sample of each series, at `now`.
std::vector<SeriesSamples> telemetry_figures(const TelemetryStanding& standing, const std::string& listener,
                                             Time now);

/// Into the journal; does not wait. What is not taken is logged: the next look brings the same again.
void submit_series(api::Context& server, AccountId account, const std::vector<SeriesSamples>& series);

}  // namespace sentinella::server
