#include "telemetry/meter_definitions.h"

#include <algorithm>
#include <set>

#include "telemetry/message_signature.h"
#include "telemetry/meter_definition.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view kPolling = "telemetry.polling";
constexpr std::size_t kMaxPolled = 10'000;

/// One sample that somebody else has polled; `allowance` is is_signed()'s.
Result<MeterSample> polled_sample(const json::value& wire, std::string_view secret, std::size_t& allowance) {
  if (wire.is_object() && !is_signed(wire.get_object(), secret, allowance))
    return fail_field(Errc::kForbidden, "message_signature", "does not fit the telemetry_secret");
  return sample_from_wire(wire);
}

MadeSamples polled_samples(const Notification& notification, std::string_view secret) {
  MadeSamples out;
  const auto* payload = notification.payload().if_object();
  const auto* samples = payload == nullptr ? nullptr : payload->if_contains("samples");
  if (samples == nullptr || !samples->is_array() || samples->get_array().size() > kMaxPolled) {
    out.skipped.emplace_back("the payload of telemetry.polling has no list of samples");
    return out;
  }
  std::size_t allowance = kMostSignedBytesOfMessage;
  for (const json::value& wire : samples->get_array()) {
    auto sample = polled_sample(wire, secret, allowance);
    if (sample)
      out.samples.push_back(*std::move(sample));
    else
      out.skipped.push_back("telemetry.polling: " + describe(sample.error()));
  }
  return out;
}

}  // namespace

MeterDefinitions::MeterDefinitions() = default;
MeterDefinitions::~MeterDefinitions() = default;
MeterDefinitions::MeterDefinitions(MeterDefinitions&&) noexcept = default;
MeterDefinitions& MeterDefinitions::operator=(MeterDefinitions&&) noexcept = default;

Result<MeterDefinitions> MeterDefinitions::parse(std::string_view yaml) {
  return parse_all({std::string(yaml)});
}

Result<MeterDefinitions> MeterDefinitions::parse_all(const std::vector<std::string>& files) {
  MeterDefinitions out;
  std::set<std::string, std::less<>> names;
  for (const std::string& file : files) {
    SENT_TRY_ASSIGN(const json::value document, read_yaml(file));
    if (document.is_null()) continue;
    const auto* top = document.if_object();
    const auto* metrics = top == nullptr ? nullptr : top->if_contains("metric");
    if (metrics == nullptr || !metrics->is_array())
      return fail_field(Errc::kInvalid, "metric", "must be the list of definitions");
    std::vector<std::unique_ptr<const MeterDefinition>> of_file;
    std::set<std::string, std::less<>> of_this;
    for (std::size_t i = metrics->get_array().size(); i-- > 0;) {
      const json::value& spec = metrics->get_array()[i];
      if (!spec.is_object()) return fail(Errc::kInvalid, "definition {} is not a mapping", i + 1);
      auto definition = MeterDefinition::compile(spec.get_object());
      if (!definition) return fail(Errc::kInvalid, "definition {}: {}", i + 1, describe(definition.error()));
      const std::string& name = (*definition)->name();
      if (names.contains(name) || !of_this.insert(name).second) continue;
      of_file.push_back(*std::move(definition));
    }
    std::ranges::reverse(of_file);
    std::ranges::move(of_file, std::back_inserter(out.definitions_));
    names.merge(of_this);
  }
  return out;
}

std::size_t MeterDefinitions::size() const {
  return definitions_.size();
}

const MeterDefinitions::Matching& MeterDefinitions::matching(std::string_view event_type) {
  return by_type_.get(event_type, [&] {
    Matching found;
    for (const auto& definition : definitions_)
      if (definition->matches(event_type)) found.push_back(definition.get());
    return found;
  });
}

void MeterDefinitions::plan_reading(std::string_view event_type, const WantsMetadata& wants_metadata,
                                    ReadPlan& plan) {
  if (event_type == kPolling) return plan.add({"payload"});
  for (const MeterDefinition* definition : matching(event_type))
    definition->plan_reading(wants_metadata, plan);
}

MadeSamples MeterDefinitions::samples(const Notification& notification, const WantsMetadata& wants_metadata) {
  if (notification.event_type == kPolling) return polled_samples(notification, secret_);
  MadeSamples out;
  if (notification.priority != "info" && notification.priority != "sample") return out;
  const Matching& definitions = matching(notification.event_type);
  out.samples.reserve(definitions.size());
  for (const MeterDefinition* definition : definitions) definition->make(notification, wants_metadata, out);
  return out;
}

}  // namespace sentinella::telemetry
