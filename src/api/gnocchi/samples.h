// Metrics as series of the store: how samples get there, and how they come back as aggregates.
//
// A metric's series has the labels metric_id, gnocchi_name and resource_id, and the metric's name as the name
// of the series. Whatever its other labels became over time, metric_id is what it is found by.
#pragma once

#include <memory>
#include <vector>

#include "api/gnocchi/call.h"
#include "api/gnocchi/methods.h"
#include "api/resolving_intake.h"

namespace sentinella::api::gnocchi {

/// The samples of one request.
class SampleWriter {
 public:
  explicit SampleWriter(const Call& call);

  /// Samples that no roll-up of the metric's policy keeps any more are left out, and counted. kTooLarge: the
  /// account has as many series as it may.
  Result<void> add(const catalog::MetricPtr& metric, std::span<const Time> times,
                   std::span<const double> values);
  std::size_t left_out() const { return left_out_; }

  /// `finish` is called with `status` once the samples are durable and can be read. An answer to a request
  /// some of whose samples were left out says how many, in X-Measures-Left-Out.
  void submit(Finish finish, int status) &&;

 private:
  bool kept(const catalog::ArchivePolicy* policy, Time newest, Time at) const;

  catalog::RulesPtr rules_;
  std::uint64_t epoch_;
  series::SeriesStore* store_;
  std::unique_ptr<ResolvedBatch> batch_;
  codec::ResolveSeries resolve_;
  std::vector<std::pair<catalog::MetricPtr, Time>> newest_;
  std::size_t left_out_ = 0;
};

/// Deletes all samples of metrics, soon.
void erase_samples(Context& server, AccountId account, const std::vector<catalog::MetricPtr>& metrics);
/// Those of one metric within the range; `finish` is called with 204 once they cannot be read any more.
void erase_range(const Call& call, const catalog::MetricPtr& metric, TimeRange range, Finish finish);

/// kNone: it has no samples.
Result<Time> newest_sample(Context& server, AccountId account, catalog::LiveMetric& metric);

/// Aggregates of one granularity.
struct Aggregates {
  Duration granularity{};
  Points points;
};

/// What the policy keeps of each of `roll_ups`: from the granule that `start` lies in, up to `stop`, which is
/// not included.
Outcome<std::vector<Aggregates>> read_aggregates(const Call& call, catalog::LiveMetric& metric,
                                                 const Method& method,
                                                 const std::vector<catalog::RollUp>& roll_ups,
                                                 std::optional<Time> start, std::optional<Time> stop);

}  // namespace sentinella::api::gnocchi
