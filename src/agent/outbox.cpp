#include "agent/outbox.h"

#include <algorithm>

#include "base/log.h"

namespace sentinella::agent {
namespace {

/// While the disk refuses, old heartbeats and snapshots go first; what happened stays.
constexpr std::size_t kMaxReports = 2000;
constexpr Duration kRetry = 1s;
constexpr std::size_t kRecordOverhead = 200;

bool is_repeated(const StateReport& report) {
  return report.kind == StateReport::Kind::heartbeat || report.kind == StateReport::Kind::snapshot;
}

}  // namespace

void Outbox::add(LogRecord record) {
  const std::size_t bytes = record.raw.size() + kRecordOverhead;
  waiting_.logs.push_back(std::move(record));
  added(bytes);
}

void Outbox::add(StateReport report) {
  if (waiting_.reports.size() >= kMaxReports) std::erase_if(waiting_.reports, is_repeated);
  if (waiting_.reports.size() >= kMaxReports) waiting_.reports.erase(waiting_.reports.begin());
  waiting_.reports.push_back(std::move(report));
  added(0);
}

void Outbox::add(Event event) {
  waiting_.events.push_back(std::move(event));
  added(0);
}

void Outbox::added(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ >= kMaxBytes && !failing_)
    flush();
  else
    flush_after(kMaxAge);
}

void Outbox::flush_after(Duration delay) {
  if (scheduled_) return;
  scheduled_ = true;
  timer_ = loop_.after(delay, [this] {
    scheduled_ = false;
    flush();
  });
}

void Outbox::flush() {
  loop_.cancel(timer_);
  scheduled_ = false;
  for (FilePosition& position : callbacks_.take_positions()) positions_.push_back(std::move(position));
  if (waiting_.empty()) return;
  if (const auto delivered = callbacks_.deliver(SignalKind::logs, waiting_, positions_); !delivered) {
    if (!failing_)
      log::error("agent.spool", "{}; what was read waits in memory", describe(delivered.error()));
    failing_ = true;
    flush_after(kRetry);
    return;
  }
  if (failing_) log::info("agent.spool", "the disk takes batches again");
  failing_ = false;
  waiting_ = Batch{};
  positions_.clear();
  bytes_ = 0;
}

void Outbox::send_metrics(const Batch& metrics) {
  if (const auto delivered = callbacks_.deliver(SignalKind::metrics, metrics, {}); !delivered) {
    if (lost_metrics_++ == 0) log::error("agent.spool", "metrics are lost: {}", describe(delivered.error()));
  }
}

}  // namespace sentinella::agent
