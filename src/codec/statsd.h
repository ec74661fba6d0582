// statsd's datagrams (etsy/statsd, docs/metric_types.md) with DogStatsD's tags and packed values
// (docs.datadoghq.com, "DogStatsD datagram format", versions 1.0 and 1.1).
//
//   name:value[:value...]|type[|@rate][|#tag:value,tag,...]     one a line
//
// Types: c counter, g gauge (a sign makes it a change), ms timer in milliseconds, h and d histogram, s set.
// DogStatsD's events, service checks and further sections are skipped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/labels.h"

namespace sentinella::codec {

enum class StatsdType : std::uint8_t { counter, gauge, timer, histogram, set };

/// Views point into the line.
struct StatsdLine {
  std::string_view name;
  StatsdType type = StatsdType::counter;
  std::vector<std::string_view> values;
  double rate = 1;  ///< of what happened, the share that is told: (0, 1]
  std::string_view tags;
};

inline constexpr std::size_t kMostStatsdValues = 1'000;  ///< in one line

/// nullopt for what is well formed and not a metric. kInvalid, naming the metric.
Result<std::optional<StatsdLine>> parse_statsd_line(std::string_view line);

/// Tags as labels: "host:a,debug" is host="a", debug="true".
std::vector<Label> statsd_labels(std::string_view tags);

}  // namespace sentinella::codec
