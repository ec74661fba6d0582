#include "server/telemetry_figures.h"

#include "base/log.h"
#include "server/telemetry_store.h"

namespace sentinella::server {
namespace {

class Figures {
 public:
  Figures(const std::string& listener, Time now) : listener_(listener), now_(now) {}

  void gauge(std::string_view name, double value, std::vector<Label> labels = {}) {
    add(name, SeriesKind::gauge, value, std::move(labels));
  }
  void counter(std::string_view name, std::uint64_t value, std::vector<Label> labels = {}) {
    add(name, SeriesKind::counter, static_cast<double>(value), std::move(labels));
  }
  std::vector<SeriesSamples> take() { return std::move(made_); }

 private:
  void add(std::string_view name, SeriesKind kind, double value, std::vector<Label> labels) {
    labels.push_back({std::string(kMetricName), fmt::format("sentinella_telemetry_{}", name)});
    labels.push_back({"listener", listener_});
    made_.push_back({Labels(std::move(labels)), kind, {{now_, value}}});
  }

  const std::string& listener_;
  const Time now_;
  std::vector<SeriesSamples> made_;
};

}  // namespace

std::vector<SeriesSamples> telemetry_figures(const TelemetryStanding& standing, const std::string& listener,
                                             Time now) {
  Figures figures(listener, now);
  for (const auto& broker : standing.agent.brokers)
    figures.gauge("broker_connected", broker.connected ? 1 : 0, {{"broker", broker.name}});
  figures.counter("notifications_total", standing.agent.counts.notifications);
  figures.gauge("dead_letters", static_cast<double>(standing.agent.dead_letters));
  figures.counter("dead_letters_dropped_total", standing.agent.dead_letters_dropped);
  for (const auto& one : standing.publishers) {
    const auto items = [&](const char* fate, std::uint64_t count) {
      figures.counter("publisher_items_total", count, {{"publisher", one.name}, {"fate", fate}});
    };
    items("delivered", one.delivered);
    items("dropped", one.dropped);
    items("overflowed", one.overflowed);
    figures.gauge("publisher_queued", static_cast<double>(one.queued), {{"publisher", one.name}});
    figures.gauge("publisher_failing", one.failing ? 1 : 0, {{"publisher", one.name}});
  }
  for (const auto& one : standing.pollsters)
    if (one.last != Time{}) figures.gauge("pollster_failing", one.failing ? 1 : 0, {{"pollster", one.name}});
  return figures.take();
}

void submit_series(api::Context& server, AccountId account, const std::vector<SeriesSamples>& series) {
  Batch batch;
  batch.account = account;
  batch.received = server.clock.now();
  for (const SeriesSamples& one : series) {
    const auto resolved = resolve_into(server, account, one, batch);
    if (!resolved) {
      log::warning("telemetry", "{} is not kept: {}", one.labels.canonical(), describe(resolved.error()));
      continue;
    }
    for (const Sample& sample : one.samples) batch.samples.add(resolved->id, sample.at, sample.value);
  }
  server.intake.submit(std::move(batch), ingest::Until::durable, [](const Result<bus::Offset>& taken) {
    if (!taken) log::warning("telemetry", "how the listener stands is not kept: {}", describe(taken.error()));
  });
}

}  // namespace sentinella::server
