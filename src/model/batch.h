// What travels from a door through the journal to the stores and rules: one accepted request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/account.h"
#include "model/alert.h"
#include "model/event.h"
#include "model/log_record.h"
#include "model/sample_block.h"
#include "model/series.h"
#include "model/state_report.h"

namespace sentinella {

enum class SignalKind : std::uint8_t { metrics, logs };

/// Makes resending harmless: of each (agent, epoch, signal) only growing sequences are applied.
struct BatchId {
  std::string agent_id;
  std::uint64_t epoch = 0;     ///< random at each new spool
  std::uint64_t sequence = 0;  ///< from 1, without gaps
  SignalKind signal = SignalKind::metrics;
};

struct Batch {
  AccountId account{};
  Time received;                        ///< the server's clock at acceptance; rules count time by it
  std::optional<BatchId> id;            ///< absent for doors without one: at-least-once
  std::vector<SeriesSamples> series;    ///< of doors that do not resolve; intake moves them into `samples`
  SampleBlock samples;                  ///< resolved: ids of the series store
  std::vector<SeriesErasure> erasures;  ///< after `samples`
  std::vector<LogRecord> logs;
  std::vector<Event> events;
  std::vector<StateReport> reports;
  std::vector<Signal> signals;  ///< alerts of senders at the doors: without evidence, of the batch's account
  bool tick = false;            ///< carries nothing but the time: rules must not read the clock themselves
  bool server_started = false;  ///< a tick, the first of a new process: what agents had to say may be late

  bool empty() const {
    return series.empty() && samples.empty() && erasures.empty() && logs.empty() && events.empty() &&
           reports.empty() && signals.empty() && !tick;
  }
};

}  // namespace sentinella
