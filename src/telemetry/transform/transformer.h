// The stations of a sink between a source's samples and the publishers, as Ceilometer had them until its
// release 11: accumulator, unit_conversion, rate_of_change, delta, aggregator, arithmetic. Parameters and
// results are as there (docs/telemetry.md has the table), its three known defects
// left out.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

/// Not thread-safe; each pipeline has its own.
class Transformer {
 public:
  virtual ~Transformer() = default;
  /// Adds to `out` what goes on at once: nothing, or one sample.
  virtual void take(const MeterSample& sample, std::vector<MeterSample>& out) = 0;
  /// After all samples of one notification: adds what was held back and is complete now.
  virtual void flush(Time now, std::vector<MeterSample>& out) = 0;
  /// What it remembers between notifications, for the next process.
  virtual void save(ByteWriter& out) const = 0;
  /// What save() wrote; on damage in.ok() is false and nothing is remembered.
  virtual void restore(ByteReader& in) = 0;
};

/// kInvalid names the parameter.
Result<std::unique_ptr<Transformer>> make_transformer(std::string_view name,
                                                      const boost::json::object& parameters);

}  // namespace sentinella::telemetry
