// What came by statsd in one interval, as samples.
//
// | type | series |
// | --- | --- |
// | counter | `name_total`: the sum since the first one, by sample rate |
// | gauge | `name`: the newest value |
// | timer | summary `name_seconds`: `{quantile="0.5","0.9","0.99"}` of the interval; `_sum`, `_count` since
// the first | | histogram | summary `name`, in the sender's unit | | set | `name`: how many different members
// in the interval |
//
// Tags are labels. Whoever is silent for 5 minutes is forgotten: its series get a staleness marker, and it
// begins anew.
#pragma once

#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/statsd.h"
#include "model/series.h"

namespace sentinella::codec {

/// Not thread-safe. Bounded: kMostMetrics names with tags, 1,000 values a summary and interval (beyond, a
/// random choice of them), 100,000 members of all sets.
class StatsdAggregator {
 public:
  static constexpr std::size_t kMostMetrics = 50'000;
  static constexpr std::size_t kMostValues = 1'000;
  static constexpr std::size_t kMostMembers = 100'000;
  static constexpr Duration kForgetAfter = std::chrono::minutes(5);

  struct Counts {
    std::uint64_t taken = 0, bad = 0;
    std::string last_reason;  ///< why the last bad line was refused
  };

  /// Lines of one datagram. Bad ones are counted and the others kept.
  void take(std::string_view datagram, Time now);
  /// The interval's samples; begins the next one.
  std::vector<SeriesSamples> flush(Time now);
  const Counts& counts() const { return counts_; }

 private:
  struct Metric {
    StatsdType type = StatsdType::counter;
    std::string name;
    std::vector<Label> labels;
    Time last;
    bool fresh = false;          ///< something came in this interval
    double value = 0;            ///< counter, gauge; of a summary its sum
    double count = 0;            ///< of a summary
    std::size_t seen = 0;        ///< values in this interval
    std::vector<double> values;  ///< of a summary
    std::unordered_set<std::string> members;
  };

  Result<void> take_line(std::string_view line, Time now);
  Result<void> take_value(Metric& metric, std::string_view text, double rate);
  void observe(Metric& metric, double value, double rate);
  static void write(const Metric& metric, Time now, bool stale, std::vector<SeriesSamples>& out);

  std::map<std::string, Metric, std::less<>> metrics_;  ///< by type, name and tags as sent
  std::size_t members_ = 0;
  std::minstd_rand random_{1};
  Counts counts_;
};

}  // namespace sentinella::codec
