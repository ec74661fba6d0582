// The newest sample of each meter of each resource: what rates and differences are taken from.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/bytes.h"
#include "base/time.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

/// How a sample stands to the one before it.
struct Step {
  double volume = 0;   ///< of the one before
  double seconds = 0;  ///< since it: by the poller's steady clock when both have one
};

/// At most kMost resources' meters; beyond, the half that was seen longest ago is forgotten. Not thread-safe.
class LastValues {
 public:
  static constexpr std::size_t kMost = 400'000;

  /// nullopt for the first sample. Remembers `sample`, unless it is older than the one before (negative
  /// seconds).
  std::optional<Step> step(const MeterSample& sample);
  std::size_t size() const { return values_.size(); }
  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Last {
    Time at;
    double volume = 0;
    std::optional<double> monotonic;
  };
  void forget_half();

  std::unordered_map<std::string, Last> values_;
};

}  // namespace sentinella::telemetry
