// What the clock has alerting do beside ticks. Called by one thread each, which may wait.
#pragma once

#include "alerts/alert_engine.h"
#include "catalog/database.h"
#include "ingest/intake.h"

namespace sentinella::server {

/// Channels that keep failing, or work again, are reports like those of other senders: through the journal.
void watch_channels(const catalog::Database& database, const alerts::AlertEngine& alerts,
                    ingest::Intake& intake, Time now);

}  // namespace sentinella::server
