#include "codec/statsd.h"

#include <optional>

#include "base/text.h"
#include "codec/decimal_text.h"
#include "codec/metric_name.h"

namespace sentinella::codec {
namespace {

std::optional<StatsdType> type_of(std::string_view word) {
  if (word == "c") return StatsdType::counter;
  if (word == "g") return StatsdType::gauge;
  if (word == "ms") return StatsdType::timer;
  if (word == "h" || word == "d") return StatsdType::histogram;
  if (word == "s") return StatsdType::set;
  return std::nullopt;
}

/// The next section between bars; `text` moves behind it.
std::string_view next_section(std::string_view& text) {
  const auto bar = text.find('|');
  const auto section = text.substr(0, bar);
  text.remove_prefix(bar == std::string_view::npos ? text.size() : bar + 1);
  return section;
}

Result<double> parse_rate(std::string_view text, std::string_view name) {
  const auto rate = parse_double(text);
  if (!rate || !(*rate > 0) || *rate > 1)
    return fail(Errc::kInvalid, "{} has a sample rate that is not within 0 and 1", name);
  return *rate;
}

Result<void> check_name(std::string_view name) {
  if (name.empty()) return fail(Errc::kInvalid, "a line has no name");
  if (name.size() > kMaxSeriesNameBytes)
    return fail(Errc::kInvalid, "a name is over {} bytes", kMaxSeriesNameBytes);
  return {};
}

}  // namespace

Result<std::optional<StatsdLine>> parse_statsd_line(std::string_view line) {
  if (line.starts_with("_e{") || line.starts_with("_sc|")) return std::nullopt;
  if (!is_valid_utf8(line)) return fail(Errc::kInvalid, "a line is not UTF-8");
  std::string_view rest = line;
  const std::string_view head = next_section(rest);
  const auto colon = head.find(':');
  StatsdLine out;
  out.name = head.substr(0, colon);
  SENT_TRY(check_name(out.name));
  if (colon == std::string_view::npos) return fail(Errc::kInvalid, "{} has no value", out.name);
  const auto type = type_of(next_section(rest));
  if (!type) return fail(Errc::kInvalid, "{} is of none of the types c, g, ms, h, d and s", out.name);
  out.type = *type;
  const std::string_view values = head.substr(colon + 1);
  // A member of a set may be any text.
  out.values = out.type == StatsdType::set ? std::vector{values} : split(values, ':');
  if (out.values.empty() || out.values.size() > kMostStatsdValues)
    return fail(Errc::kInvalid, "{} has {} values, at most {}", out.name, out.values.size(),
                kMostStatsdValues);
  while (!rest.empty()) {
    const std::string_view section = next_section(rest);
    if (section.starts_with('@')) {
      SENT_TRY_ASSIGN(out.rate, parse_rate(section.substr(1), out.name));
    } else if (section.starts_with('#')) {
      out.tags = section.substr(1);
    }
  }
  return out;
}

std::vector<Label> statsd_labels(std::string_view tags) {
  std::vector<Label> labels;
  for (const std::string_view tag : split(tags, ',')) {
    const auto colon = tag.find(':');
    if (tag.empty() || colon == 0) continue;
    Label& label = labels.emplace_back();
    append_label_name(tag.substr(0, colon), label.name);
    label.value = colon == std::string_view::npos ? "true" : tag.substr(colon + 1);
  }
  return labels;
}

}  // namespace sentinella::codec
