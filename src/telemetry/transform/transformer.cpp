#include "telemetry/transform/transformer.h"

#include "base/text.h"
#include "telemetry/transform/transformers.h"

namespace sentinella::telemetry {

Result<std::unique_ptr<Transformer>> make_transformer(std::string_view name,
                                                      const boost::json::object& parameters) {
  static constexpr std::pair<std::string_view, MadeTransformer (*)(const boost::json::object&)> kKinds[] = {
      {"accumulator", make_accumulator},       {"unit_conversion", make_unit_conversion},
      {"rate_of_change", make_rate_of_change}, {"delta", make_delta},
      {"aggregator", make_aggregator},         {"arithmetic", make_arithmetic}};
  for (const auto& [kind, make] : kKinds)
    if (kind == name) return make(parameters);
  return fail_field(Errc::kInvalid, "transformers", "there is no transformer \"{}\"", name);
}

Result<std::optional<std::int64_t>> count_parameter(const boost::json::object& parameters,
                                                    std::string_view name) {
  const auto* value = parameters.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_int64() && value->get_int64() >= 0) return value->get_int64();
  if (value->is_string())
    if (const auto number = parse_uint(std::string_view(value->get_string())); number && *number <= INT64_MAX)
      return static_cast<std::int64_t>(*number);
  return fail_field(Errc::kInvalid, name, "must be a whole number, not negative");
}

}  // namespace sentinella::telemetry
