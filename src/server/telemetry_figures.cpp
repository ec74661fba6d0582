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
  // Several publishers of one place, with other options, are one series.
  std::map<std::string, telemetry::PublisherStatus> publishers;
  for (const auto& one : standing.publishers) {
    auto& sum = publishers[one.name];
    sum.delivered += one.delivered;
    sum.dropped += one.dropped;
    sum.overflowed += one.overflowed;
    sum.queued += one.queued;
    sum.failing |= one.failing;
  }
  for (const auto& [name, one] : publishers) {
    const auto items = [&](const char* fate, std::uint64_t count) {
      figures.counter("publisher_items_total", count, {{"publisher", name}, {"fate", fate}});
    };
    items("delivered", one.delivered);
    items("dropped", one.dropped);
    items("overflowed", one.overflowed);
    figures.gauge("publisher_queued", static_cast<double>(one.queued), {{"publisher", name}});
    figures.gauge("publisher_failing", one.failing ? 1 : 0, {{"publisher", name}});
  }
  std::map<std::string, bool> pollsters;
  for (const auto& one : standing.pollsters)
    if (one.last != Time{}) pollsters[one.name] |= one.failing;
  for (const auto& [name, failing] : pollsters)
    figures.gauge("pollster_failing", failing ? 1 : 0, {{"pollster", name}});
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
