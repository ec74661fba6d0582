// The host's and services' figures once more under the names of the old agent, releases 1.0 and 1.1, for
// whoever has dashboards on them: dots become underscores, counters are differences per interval, shares are
// percent.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/series.h"

namespace sentinella::agent {

/// Not thread-safe.
class OldNames {
 public:
  /// Adds to a round's series what it says under the old names. Differences begin with the second round; a
  /// counter that went back gives none.
  void add(std::vector<SeriesSamples>& round);

 private:
  std::map<Labels, double> before_;  ///< counters, by their new names
};

}  // namespace sentinella::agent
