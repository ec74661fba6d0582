#include "telemetry/meter_sample.h"

#include <cmath>

#include "base/ids.h"
#include "telemetry/cut_text.h"
#include "telemetry/datetime.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFieldText = 255;

Result<std::string> required(const json::object& wire, std::string_view name) {
  const auto* value = wire.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().empty())
    return fail_field(Errc::kInvalid, name, "is missing, or is not a text");
  if (value->get_string().size() > kMaxFieldText)
    return fail_field(Errc::kInvalid, name, "has {} bytes, at most {}", value->get_string().size(),
                      kMaxFieldText);
  return std::string(value->get_string());
}

std::optional<std::string> optional(const json::object& wire, std::string_view name) {
  const auto* value = wire.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return cut_text(std::string(value->get_string()));
}

/// nullptr: it says nothing that is not so anyway.
std::shared_ptr<const SampleOrigin> origin_of(const json::object& wire) {
  SampleOrigin origin;
  if (auto source = optional(wire, "source")) origin.source = *std::move(source);
  origin.user_name = optional(wire, "user_name");
  origin.project_name = optional(wire, "project_name");
  return origin == SampleOrigin() ? nullptr : std::make_shared<const SampleOrigin>(std::move(origin));
}

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

}  // namespace

std::string_view to_string(MeterType type) {
  switch (type) {
    case MeterType::gauge:
      return "gauge";
    case MeterType::delta:
      return "delta";
    case MeterType::cumulative:
      return "cumulative";
  }
  return "gauge";
}

std::optional<MeterType> parse_meter_type(std::string_view text) {
  for (const auto type : {MeterType::gauge, MeterType::delta, MeterType::cumulative})
    if (text == to_string(type)) return type;
  return std::nullopt;
}

const json::object& MeterSample::resource_metadata() const {
  static const json::object none;
  return metadata ? *metadata : none;
}

Result<MeterSample> sample_from_wire(const json::value& value) {
  const auto* wire = value.if_object();
  if (wire == nullptr) return fail(Errc::kInvalid, "a sample is not an object");
  MeterSample sample;
  SENT_TRY_ASSIGN(sample.name, required(*wire, "counter_name"));
  SENT_TRY_ASSIGN(const std::string type, required(*wire, "counter_type"));
  const auto known = parse_meter_type(type);
  if (!known)
    return fail_field(Errc::kInvalid, "counter_type", "is \"{}\", not gauge, delta or cumulative", type);
  sample.type = *known;
  sample.unit = optional(*wire, "counter_unit").value_or("");
  const auto* volume = wire->if_contains("counter_volume");
  if (volume == nullptr || !volume->is_number())
    return fail_field(Errc::kInvalid, "counter_volume", "is missing, or is not a number");
  sample.volume = volume->to_number<double>();
  SENT_TRY_ASSIGN(sample.resource_id, required(*wire, "resource_id"));
  sample.user_id = optional(*wire, "user_id");
  sample.project_id = optional(*wire, "project_id");
  SENT_TRY_ASSIGN(const std::string time, required(*wire, "timestamp"));
  const auto at = parse_datetime(time);
  if (!at) return fail_field(Errc::kInvalid, "timestamp", "\"{}\" is not a date and time", time);
  sample.timestamp = *at;
  if (const auto* metadata = wire->if_contains("resource_metadata"); metadata && metadata->is_object())
    sample.metadata = std::make_shared<const json::object>(metadata->get_object(), json::storage_ptr());
  if (const auto* mono = wire->if_contains("monotonic_time"); mono && mono->is_number())
    sample.monotonic_time = mono->to_number<double>();
  sample.origin = origin_of(*wire);
  sample.id = optional(*wire, "message_id").value_or("");
  return sample;
}

json::object sample_to_wire(const MeterSample& sample) {
  static const SampleOrigin ours;
  const SampleOrigin& origin = sample.origin ? *sample.origin : ours;
  json::object wire;
  wire["source"] = origin.source;
  wire["counter_name"] = sample.name;
  wire["counter_type"] = to_string(sample.type);
  wire["counter_unit"] = sample.unit;
  const bool whole = std::floor(sample.volume) == sample.volume && std::fabs(sample.volume) < 9e15;
  wire["counter_volume"] =
      whole ? json::value(static_cast<std::int64_t>(sample.volume)) : json::value(sample.volume);
  wire["user_id"] = text_or_null(sample.user_id);
  wire["project_id"] = text_or_null(sample.project_id);
  if (origin.user_name) wire["user_name"] = *origin.user_name;
  if (origin.project_name) wire["project_name"] = *origin.project_name;
  wire["resource_id"] = sample.resource_id;
  wire["timestamp"] = to_rfc3339(sample.timestamp);
  wire["resource_metadata"] = sample.resource_metadata();
  wire["message_id"] = sample.id.empty() ? to_text(random_uuid()) : sample.id;
  wire["monotonic_time"] = sample.monotonic_time ? json::value(*sample.monotonic_time) : json::value(nullptr);
  return wire;
}

}  // namespace sentinella::telemetry
