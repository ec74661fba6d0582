// What exporters say of their metrics.
#pragma once

#include <string>

namespace sentinella {

struct MetricMetadata {
  std::string name;
  std::string type;  ///< as OpenMetrics names it: "counter", "gauge", "histogram" ...; "" = not told
  std::string unit;  ///< "seconds"; "" = not told
  std::string help;
  friend auto operator<=>(const MetricMetadata&, const MetricMetadata&) = default;
};

}  // namespace sentinella
