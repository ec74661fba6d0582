#include "telemetry/transform/held_samples.h"

#include "base/json.h"

namespace sentinella::telemetry {

namespace {

constexpr std::string_view kFromNotification = "from_notification";

}  // namespace

void save_sample(const MeterSample& sample, ByteWriter& out) {
  auto saved = sample_to_wire(sample);
  if (sample.from_notification) saved[kFromNotification] = sample.event_type;
  out.text(boost::json::serialize(saved));
}

MeterSample restore_sample(ByteReader& in) {
  const auto wire = parse_json(in.text());
  auto sample = wire ? sample_from_wire(*wire) : std::unexpected(wire.error());
  if (sample) {
    if (const auto* type = wire->get_object().if_contains(kFromNotification)) {
      sample->from_notification = true;
      if (type->is_string()) sample->event_type = type->get_string();
    }
    return *std::move(sample);
  }
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
