#include "agent/print.h"

#include <cstdio>

#include <fmt/format.h>

namespace sentinella::agent {

void print_batch(const Batch& batch) {
  for (const SeriesSamples& series : batch.series)
    for (const Sample& sample : series.samples)
      fmt::print("metric {} {}\n", series.labels.to_string(), sample.value);
  for (const LogRecord& record : batch.logs) fmt::print("log    {} {}\n", record.service, record.raw);
  for (const Event& event : batch.events) fmt::print("event  {} {}\n", event.type, event.summary);
  for (const StateReport& report : batch.reports) {
    fmt::print("state  {} {}", to_string(report.kind), report.service.empty() ? report.host : report.service);
    if (report.pid) fmt::print(" pid={}", report.pid);
    if (report.kind == StateReport::Kind::snapshot)
      fmt::print(" processes={} ever_seen={}", report.processes, report.ever_seen);
    if (report.kind == StateReport::Kind::exited) fmt::print(" exit={}", to_string(report.exit));
    fmt::print("{}{}\n", report.detail.empty() ? "" : ": ", report.detail);
  }
  std::fflush(stdout);
}

}  // namespace sentinella::agent
