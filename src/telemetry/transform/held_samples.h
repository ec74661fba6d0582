// Samples that a transformer holds back, as bytes: JSON of the wire form each, which every version can read.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

void save_sample(const MeterSample& sample, ByteWriter& out);
/// On damage in.ok() is false.
MeterSample restore_sample(ByteReader& in);

void save_samples(const std::vector<MeterSample>& samples, ByteWriter& out);
std::vector<MeterSample> restore_samples(ByteReader& in);

}  // namespace sentinella::telemetry
