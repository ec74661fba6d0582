#include "server/telemetry_store.h"

#include <algorithm>
#include <future>

#include "api/gnocchi/door.h"
#include "base/log.h"
#include "telemetry/store_records.h"

namespace sentinella::server {
namespace {

constexpr Duration kStoreWait = 30s;
constexpr std::size_t kMostIds = 200'000;

}  // namespace

Result<series::Resolved> resolve_into(api::Context& server, AccountId account, const SeriesSamples& series,
                                      Batch& batch) {
  const std::string canonical = series.labels.canonical();
  SENT_TRY_ASSIGN(const auto resolved, server.series.resolve(account, canonical, series.kind));
  if (resolved.needs_definition && std::ranges::find(batch.samples.defined, resolved.id,
                                                     &SeriesDefinition::id) == batch.samples.defined.end())
    batch.samples.defined.push_back({resolved.id, series.kind, canonical});
  return resolved;
}

TelemetryStore::TelemetryStore(api::Context& server, AccountId account,
                               std::unique_ptr<telemetry::ResourceKeeper> keeper)
    : server_(server), account_(account), keeper_(std::move(keeper)) {}

TelemetryStore::Key TelemetryStore::key_of(const telemetry::MeterSample& sample,
                                           const catalog::MetricPtr& metric) {
  static const std::string kNone;
  scratch_.clear();
  for (const std::string* part :
       {&sample.name, &sample.resource_id, &sample.unit, sample.project_id ? &*sample.project_id : &kNone,
        sample.user_id ? &*sample.user_id : &kNone}) {
    scratch_ += *part;
    scratch_ += '\0';
  }
  if (metric) scratch_.append(reinterpret_cast<const char*>(metric->metric.id.bytes.data()), sizeof(Uuid));
  const Hash128 hash = hash128(scratch_);
  return {hash.low, hash.high};
}

Result<void> TelemetryStore::add(const telemetry::MeterSample& sample, const catalog::MetricPtr& metric,
                                 Batch& batch) {
  const Key key = key_of(sample, metric);
  if (const auto known = ids_.find(key); known != ids_.end()) {
    batch.samples.add(known->second, sample.timestamp, sample.volume);
    return {};
  }
  SeriesSamples series = telemetry::series_of(sample);
  if (metric) {
    std::vector<Label> labels(series.labels.begin(), series.labels.end());
    labels.push_back({"gnocchi_name", sample.name});
    labels.push_back({api::gnocchi::kMetricLabel, to_text(metric->metric.id)});
    series.labels = Labels(std::move(labels));
  }
  SENT_TRY_ASSIGN(const auto resolved, resolve_into(server_, account_, series, batch));
  if (!resolved.needs_definition) {
    if (ids_.size() >= kMostIds) ids_.clear();
    ids_.emplace(key, resolved.id);
  }
  batch.samples.add(resolved.id, sample.timestamp, sample.volume);
  return {};
}

Result<void> TelemetryStore::keep(const telemetry::Outgoing& outgoing) {
  Lock lock(mutex_);
  std::vector<catalog::MetricPtr> metrics(outgoing.samples.size());
  if (keeper_) {
    auto kept = keeper_->take(outgoing.samples, outgoing.events);
    // A definition that makes no sense here must not hold up everything for ever; a full disk must.
    const bool odd = !kept && (kept.error().code == Errc::kInvalid || kept.error().code == Errc::kConflict ||
                               kept.error().code == Errc::kNotFound);
    if (odd) log::warning("telemetry", "resources are left out: {}", describe(kept.error()));
    if (!odd) {
      SENT_TRY_ASSIGN(metrics, std::move(kept));
    }
  }
  if (server_.series.epoch() != epoch_) ids_.clear();
  epoch_ = server_.series.epoch();
  Batch batch;
  batch.account = account_;
  batch.received = server_.clock.now();
  for (std::size_t i = 0; i < outgoing.samples.size(); ++i) {
    const auto added = add(outgoing.samples[i], metrics[i], batch);
    if (added) continue;
    // One series too many must not hold up all the others for ever.
    if (added.error().code != Errc::kTooLarge) return added;
    log::warning("telemetry", "a sample of {} is dropped: {}", outgoing.samples[i].name,
                 describe(added.error()));
  }
  batch.events = outgoing.events;
  auto promise = std::make_shared<std::promise<Result<void>>>();
  auto done = promise->get_future();
  server_.intake.submit(std::move(batch), ingest::Until::applied,
                        [promise](const Result<bus::Offset>& taken) {
                          promise->set_value(taken ? Result<void>() : std::unexpected(taken.error()));
                        });
  if (done.wait_for(kStoreWait) == std::future_status::timeout)
    return fail(Errc::kUnavailable, "the journal did not answer within 30 s");
  SENT_TRY(done.get());
  for (std::size_t i = 0; i < metrics.size(); ++i)
    if (metrics[i]) metrics[i]->saw_sample(outgoing.samples[i].timestamp);
  return {};
}

}  // namespace sentinella::server
