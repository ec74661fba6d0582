#include "telemetry/transform/held_samples.h"

#include "base/json.h"

namespace sentinella::telemetry {

void save_sample(const MeterSample& sample, ByteWriter& out) {
  out.text(boost::json::serialize(sample_to_wire(sample)));
}

MeterSample restore_sample(ByteReader& in) {
  const auto wire = parse_json(in.text());
  auto sample = wire ? sample_from_wire(*wire) : std::unexpected(wire.error());
  if (sample) return *std::move(sample);
  in.fail();
  return {};
}

void save_samples(const std::vector<MeterSample>& samples, ByteWriter& out) {
  out.varint(samples.size());
  for (const MeterSample& sample : samples) save_sample(sample, out);
}

std::vector<MeterSample> restore_samples(ByteReader& in) {
  std::vector<MeterSample> samples;
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count)
    samples.push_back(restore_sample(in));
  if (!in.ok()) samples.clear();
  return samples;
}

}  // namespace sentinella::telemetry
