#include "agent/plugin/output.h"

#include <algorithm>
#include <cmath>

#include "agent/collect/json_fields.h"
#include "agent/metric_table.h"
#include "base/text.h"
#include "codec/influx_line_text.h"
#include "codec/metric_name.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxTags = 32;

void refuse(PluginOutput& out, std::string reason) {
  if (out.refused++ == 0) out.reason = std::move(reason);
}

void add(PluginOutput& out, std::vector<Label> labels, const std::vector<Label>& ours, double value,
         Time now) {
  if (!std::isfinite(value)) return refuse(out, "a value is not a number");
  if (out.samples.size() == kMaxPluginSamples)
    return refuse(out, fmt::format("more than {} samples", kMaxPluginSamples));
  const SeriesKind kind = codec::kind_by_name(labels.front().value);
  labels.insert(labels.end(), ours.begin(), ours.end());
  out.samples.push_back({Labels(std::move(labels)), kind, {{now, value}}});
}

void add_measurement(const json::value& item, const std::vector<Label>& ours, Time now, PluginOutput& out) {
  const std::string name = text_in(item, "name");
  const auto number = number_in(item, "value"), flag = flag_in(item, "value");
  if (name.empty() || (!number && !flag)) return refuse(out, "a measurement has no name and value");
  std::vector<Label> labels{{std::string(kMetricName), ""}};
  codec::append_metric_name(name, labels[0].value);
  if (const auto* tags = field_of(item, "tags"); tags && tags->is_object())
    for (const auto& tag : tags->get_object()) {
      if (labels.size() > kMaxTags)
        return refuse(out, fmt::format("{} has more than {} tags", name, kMaxTags));
      Label label;
      codec::append_label_name(std::string_view(tag.key()), label.name);
      label.value =
          tag.value().is_string() ? std::string(tag.value().get_string()) : json::serialize(tag.value());
      labels.push_back(std::move(label));
    }
  add(out, std::move(labels), ours, number ? *number : *flag, now);
}

/// Behind the head: "used=1.5,free=2i [timestamp]".
void add_fields(codec::LineHead& head, std::string_view fields, const std::vector<Label>& ours, Time now,
                PluginOutput& out) {
  const char* at = fields.data();
  const char* const end = at + fields.size();
  while (at < end) {
    const char* equals = std::find(at, end, '=');
    const std::string field = codec::unescape_line({at, static_cast<std::size_t>(equals - at)});
    if (equals == end) return refuse(out, "a field has no value");
    at = equals + 1;
    double value = 0;
    const codec::FieldKind kind = codec::scan_field_value(at, end, value);
    if (kind == codec::FieldKind::bad) return refuse(out, fmt::format("the value of {} is none", field));
    if (kind == codec::FieldKind::sample) {
      const auto canonical = head.canonical(field);
      const auto labels = canonical ? Labels::from_canonical(*canonical) : std::nullopt;
      if (!labels) return refuse(out, fmt::format("{} is no name", field));
      std::vector<Label> list{{std::string(kMetricName), std::string(labels->get(kMetricName))}};
      for (const Label& label : *labels)
        if (label.name != kMetricName) list.push_back(label);
      add(out, std::move(list), ours, value, now);
    }
    if (at == end || *at != ',') return;
    ++at;
  }
}

/// "'label with blanks'=12.5ms;warn;crit;min;max"; moves behind it. nullopt: nothing more that can be read.
struct Figure {
  std::string label;
  std::string unit;
  double value = 0;
};
std::optional<Figure> take_figure(std::string_view& text) {
  text = trim(text);
  Figure figure;
  const bool quoted = text.starts_with('\'');
  const std::size_t end = quoted ? text.find('\'', 1) : text.find('=');
  if (text.empty() || end == std::string_view::npos) return std::nullopt;
  figure.label = quoted ? text.substr(1, end - 1) : text.substr(0, end);
  text.remove_prefix(quoted ? end + 1 : end);
  if (!text.starts_with('=')) return std::nullopt;
  text.remove_prefix(1);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  const std::string_view first = word.substr(0, word.find(';'));
  const std::size_t number_end = std::min(first.find_first_not_of("+-0123456789.eE"), first.size());
  const auto value = parse_double(first.substr(0, number_end));
  if (!value) return std::nullopt;
  figure.unit = first.substr(number_end);
  figure.value = *value;
  return figure;
}

}  // namespace

void add_plugin_sample(PluginOutput& out, std::string_view name, const std::vector<Label>& labels,
                       const std::vector<Label>& ours, std::optional<double> value, Time now) {
  if (!value) return refuse(out, fmt::format("{} has no value that is a number", name));
  std::vector<Label> own{{std::string(kMetricName), ""}};
  codec::append_metric_name(name, own[0].value);
  for (const Label& label : labels) {
    if (label.value.empty()) continue;
    own.push_back({"", label.value});
    codec::append_label_name(label.name, own.back().name);
  }
  add(out, std::move(own), ours, *value, now);
}

Result<PluginOutput> parse_plugin_json(std::string_view text, const std::vector<Label>& labels, Time now) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(trim(text)));
  if (!root.is_array() && !field_of(root, "measurements"))
    return fail(Errc::kInvalid,
                "the output is neither a list of measurements nor an object with \"measurements\"");
  PluginOutput out;
  const json::array& items = root.is_array() ? root.get_array() : list_in(root, "measurements");
  for (const json::value& item : items) add_measurement(item, labels, now, out);
  return out;
}

Result<PluginOutput> parse_plugin_lines(std::string_view text, const std::vector<Label>& labels, Time now) {
  PluginOutput out;
  std::size_t lines = 0;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    ++lines;
    const char* end = codec::find_end_of_head(line.data(), line.data() + line.size());
    codec::LineHead head;
    const auto parsed = end ? head.parse(line.substr(0, static_cast<std::size_t>(end - line.data())))
                            : Result<void>(fail(Errc::kInvalid, "a line has no field"));
    if (!parsed) {
      refuse(out, describe(parsed.error()));
      continue;
    }
    add_fields(head, line.substr(static_cast<std::size_t>(end - line.data()) + 1), labels, now, out);
  }
  if (lines > 0 && out.samples.empty()) return fail(Errc::kInvalid, "no line can be read: {}", out.reason);
  return out;
}

PluginOutput parse_nagios(std::string_view text, const std::vector<Label>& labels, Time now) {
  PluginOutput out;
  for (std::string_view line : split(text, '\n')) {
    const std::size_t bar = line.find('|');
    if (bar == std::string_view::npos) continue;
    std::string_view figures = line.substr(bar + 1);
    while (const auto figure = take_figure(figures)) {
      std::vector<Label> list{{std::string(kMetricName), std::string(metric("plugin_figure").name)},
                              {"label", figure->label}};
      if (!figure->unit.empty()) list.push_back({"unit", figure->unit});
      add(out, std::move(list), labels, figure->value, now);
    }
  }
  return out;
}

}  // namespace sentinella::agent
