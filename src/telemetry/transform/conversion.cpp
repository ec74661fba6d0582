#include "telemetry/transform/conversion.h"

#include <re2/re2.h>

#include "base/json.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

Result<json::object> section(const json::object& parameters, std::string_view name) {
  const auto* value = parameters.if_contains(name);
  if (value == nullptr || value->is_null()) return json::object();
  if (!value->is_object()) return fail_field(Errc::kInvalid, name, "must be a mapping");
  return value->get_object();
}

Result<std::optional<std::string>> text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) return fail_field(Errc::kInvalid, name, "must be a text");
  return std::string(value->get_string());
}

ExpressionValue to_expression(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_number()) return value.to_number<double>();
  if (value.is_string()) return std::string(value.get_string());
  return std::monostate();
}

ExpressionValue or_nothing(const std::optional<std::string>& text) {
  return text ? ExpressionValue(*text) : ExpressionValue();
}

}  // namespace

ExpressionValue sample_field(const MeterSample& sample, const std::vector<std::string>& path) {
  const std::string& first = path.front();
  if (first == "resource_metadata") {
    const json::object* at = &sample.resource_metadata();
    for (std::size_t i = 1; i < path.size(); ++i) {
      const auto* value = at->if_contains(path[i]);
      if (value == nullptr) return {};
      if (i + 1 == path.size()) return to_expression(*value);
      at = value->if_object();
      if (at == nullptr) return {};
    }
    return {};
  }
  if (path.size() != 1) return {};
  if (first == "volume") return sample.volume;
  if (first == "name") return sample.name;
  if (first == "unit") return sample.unit;
  if (first == "type") return std::string(to_string(sample.type));
  if (first == "resource_id") return sample.resource_id;
  if (first == "user_id") return or_nothing(sample.user_id);
  if (first == "project_id") return or_nothing(sample.project_id);
  if (first == "monotonic_time" && sample.monotonic_time) return *sample.monotonic_time;
  return {};
}

std::string Conversion::Mapping::apply(const std::string& text) const {
  std::string changed = text;
  RE2::GlobalReplace(&changed, *from, to);
  return changed;
}

Result<std::optional<Conversion::Mapping>> Conversion::mapping(const json::object& source,
                                                               const json::object& target,
                                                               std::string_view what) {
  SENT_TRY_ASSIGN(const auto map_from, section(source, "map_from"));
  SENT_TRY_ASSIGN(const auto map_to, section(target, "map_to"));
  SENT_TRY_ASSIGN(const auto from, text(map_from, what));
  SENT_TRY_ASSIGN(const auto to, text(map_to, what));
  if (!from || !to) return std::nullopt;
  RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_shared<const RE2>(*from, options);
  std::string why = regex->error();
  if (!regex->ok() || !regex->CheckRewriteString(*to, &why))
    return fail_field(Errc::kInvalid, "map_from", "\"{}\" to \"{}\": {}", *from, *to, why);
  return Mapping{std::move(regex), *to};
}

Result<void> Conversion::read_scale(const json::value& scale) {
  if (scale.is_null()) return {};
  if (scale.is_number()) {
    number_ = scale.to_number<double>();
    return {};
  }
  if (!scale.is_string()) return fail_field(Errc::kInvalid, "scale", "must be a number or an expression");
  auto parsed = Expression::parse(std::string_view(scale.get_string()));
  if (!parsed) return fail_field(Errc::kInvalid, "scale", "{}", parsed.error().message);
  expression_ = *std::move(parsed);
  return {};
}

Result<Conversion> Conversion::make(const json::object& parameters) {
  Conversion made;
  SENT_TRY_ASSIGN(const auto source, section(parameters, "source"));
  SENT_TRY_ASSIGN(const auto target, section(parameters, "target"));
  SENT_TRY(only_fields(source, {"unit", "name", "type", "map_from"}));
  SENT_TRY(only_fields(target, {"name", "unit", "type", "scale", "max", "map_to", "expr"}));
  SENT_TRY_ASSIGN(made.source_unit_, text(source, "unit"));
  SENT_TRY_ASSIGN(made.name_, text(target, "name"));
  SENT_TRY_ASSIGN(made.unit_, text(target, "unit"));
  SENT_TRY_ASSIGN(made.name_mapping_, mapping(source, target, "name"));
  SENT_TRY_ASSIGN(made.unit_mapping_, mapping(source, target, "unit"));
  SENT_TRY_ASSIGN(const auto type, text(target, "type"));
  if (type) {
    made.type_ = parse_meter_type(*type);
    if (!made.type_) return fail_field(Errc::kInvalid, "type", "must be gauge, delta or cumulative");
  }
  if (const auto* scale = target.if_contains("scale")) SENT_TRY(made.read_scale(*scale));
  if (const auto* most = target.if_contains("max"); most != nullptr && !most->is_null()) {
    if (!most->is_number()) return fail_field(Errc::kInvalid, "max", "must be a number");
    made.max_ = most->to_number<double>();
  }
  return made;
}

MeterSample Conversion::renamed(const MeterSample& sample) const {
  MeterSample out = sample;
  if (name_mapping_)
    out.name = name_mapping_->apply(sample.name);
  else if (name_)
    out.name = *name_;
  if (unit_mapping_)
    out.unit = unit_mapping_->apply(sample.unit);
  else if (unit_)
    out.unit = *unit_;
  if (type_) out.type = *type_;
  return out;
}

Result<double> Conversion::scaled(const MeterSample& sample) const {
  if (expression_)
    return expression_->number([&](const ExpressionName& name) { return sample_field(sample, name.path); });
  return number_ && *number_ != 0 ? sample.volume * *number_ : sample.volume;
}

Result<double> Conversion::factor(const MeterSample& sample) const {
  return expression_ ? scaled(sample) : Result<double>(number_.value_or(1));
}

}  // namespace sentinella::telemetry
