#include "telemetry/transform/last_values.h"

#include <algorithm>
#include <vector>

namespace sentinella::telemetry {

std::optional<Step> LastValues::step(const MeterSample& sample) {
  const Last now{sample.timestamp, sample.volume, sample.monotonic_time};
  const auto [known, fresh] = values_.try_emplace(sample.name + '\0' + sample.resource_id, now);
  if (fresh) {
    if (values_.size() > kMost) forget_half();
    return std::nullopt;
  }
  Last& last = known->second;
  const double seconds = now.monotonic && last.monotonic
                             ? *now.monotonic - *last.monotonic
                             : static_cast<double>((now.at - last.at).count()) / 1e9;
  const Step step{last.volume, seconds};
  if (seconds >= 0) last = now;
  return step;
}

void LastValues::forget_half() {
  std::vector<Time> times;
  times.reserve(values_.size());
  for (const auto& [key, last] : values_) times.push_back(last.at);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  std::erase_if(values_, [&](const auto& one) { return one.second.at < *middle; });
  // All seen at one instant: any half.
  while (values_.size() > kMost) values_.erase(values_.begin());
}

void LastValues::save(ByteWriter& out) const {
  out.varint(values_.size());
  for (const auto& [key, last] : values_) {
    out.text(key);
    out.fixed(last.at.ns);
    out.fixed(last.volume);
    out.fixed(static_cast<std::uint8_t>(last.monotonic ? 1 : 0));
    if (last.monotonic) out.fixed(*last.monotonic);
  }
}

void LastValues::restore(ByteReader& in) {
  values_.clear();
  for (std::uint64_t count = in.varint(); count > 0 && in.ok() && values_.size() < kMost; --count) {
    const std::string key(in.text());
    Last last;
    last.at.ns = in.fixed<std::int64_t>();
    last.volume = in.fixed<double>();
    if (in.fixed<std::uint8_t>() == 1) last.monotonic = in.fixed<double>();
    values_.emplace(key, last);
  }
  if (!in.ok()) values_.clear();
}

}  // namespace sentinella::telemetry
