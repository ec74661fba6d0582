// Prometheus' remote write into resources "job@instance" of the type prometheus; a metric is the name alone,
// as in Gnocchi: of series that differ in other labels the last one holds. /prometheus/api/v1/write keeps
// all.
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/pushed.h"
#include "base/text.h"
#include "codec/snappy_block.h"
#include "codec/wire_reader.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::size_t kMaxBody = 64u << 20;
constexpr std::size_t kMaxName = 255;
constexpr std::int64_t kNsPerMs = 1'000'000;

// Tags of prompb's messages (remote.proto, types.proto): field number << 3 | type.
constexpr std::uint64_t kTimeSeries = 1 << 3 | 2;
constexpr std::uint64_t kLabels = 1 << 3 | 2, kSamples = 2 << 3 | 2;
constexpr std::uint64_t kSampleValue = 1 << 3 | 1, kSampleTime = 2 << 3;

struct Series {
  std::string name, job = "none", instance = "none";
  PushedMetric samples;
};

bool read_label(std::string_view message, Series& series) {
  const codec::WireLabel label = codec::read_wire_label(message);
  const std::string text = to_valid_utf8(label.value);
  if (label.name == "__name__")
    series.name = text;
  else if (label.name == "job")
    series.job = text;
  else if (label.name == "instance")
    series.instance = text;
  return label.ok;
}

bool read_sample(std::string_view message, Series& series) {
  codec::WireReader wire(message);
  double value = 0;
  std::int64_t at = 0;
  while (wire.more()) {
    const std::uint64_t tag = wire.tag();
    if (tag == kSampleValue)
      value = wire.real();
    else if (tag == kSampleTime)
      at = static_cast<std::int64_t>(wire.varint());
    else
      wire.skip(tag);
  }
  std::int64_t ns = 0;
  if (at < 0 || __builtin_mul_overflow(at, kNsPerMs, &ns)) return false;
  series.samples.times.push_back({ns});
  series.samples.values.push_back(value);
  return wire.ok();
}

std::optional<Series> read_series(std::string_view message) {
  codec::WireReader wire(message);
  Series series;
  while (wire.more()) {
    const std::uint64_t tag = wire.tag();
    if (tag == kLabels) {
      if (!read_label(wire.bytes(), series)) return std::nullopt;
    } else if (tag == kSamples) {
      if (!read_sample(wire.bytes(), series)) return std::nullopt;
    } else {
      wire.skip(tag);
    }
  }
  if (!wire.ok() || series.name.empty()) return std::nullopt;
  return series;
}

catalog::ResourceType prometheus_type() {
  catalog::ResourceType type;
  type.name = "prometheus";
  for (const std::string name : {"job", "instance"})
    type.attributes[name] = {catalog::AttributeKind::string, true, 0, 255};
  return type;
}

Outcome<Pushed> read_request(const std::string& message) {
  codec::WireReader wire(message);
  Pushed pushed;
  while (wire.more()) {
    const std::uint64_t tag = wire.tag();
    if (tag != kTimeSeries) {
      wire.skip(tag);
      continue;
    }
    auto series = read_series(wire.bytes());
    if (!series) return refuse(400, "the body is not a WriteRequest of Prometheus' remote write");
    std::string resource = series->job + "@" + series->instance;
    for (char& c : resource)
      if (c == '/') c = '_';
    auto& one = pushed[resource.substr(0, kMaxName)];
    one.attributes["job"] = series->job.substr(0, kMaxName);
    one.attributes["instance"] = series->instance.substr(0, kMaxName);
    auto& metric = one.metrics[series->name.substr(0, kMaxName)];
    metric.times.insert(metric.times.end(), series->samples.times.begin(), series->samples.times.end());
    metric.values.insert(metric.values.end(), series->samples.values.begin(), series->samples.values.end());
  }
  if (!wire.ok()) return refuse(400, "the body is not a WriteRequest of Prometheus' remote write");
  return pushed;
}

}  // namespace

void prometheus_write(Call& call, Finish finish) {
  const auto message = codec::snappy_decompress(call.request.body, kMaxBody);
  if (!message) return finish(Failure(message.error()));
  const auto pushed = read_request(*message);
  if (!pushed) return finish(Failure(pushed.error()));
  store_pushed(call, prometheus_type(), *pushed, std::move(finish), 202);
}

}  // namespace sentinella::api::gnocchi
