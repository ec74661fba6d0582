#include "notify/matcher.h"

#include <algorithm>

#include "base/text.h"

namespace sentinella::notify {
namespace {

constexpr std::int64_t kMaxRegexMemory = 1 << 20;

/// A sender at Alerta's door may name several services; the alert has the first of them.
bool concerns(const Alert& alert, std::string_view service) {
  const auto several = split(alert.extras.labels.get("services"), ',');
  return alert.service == service || std::ranges::find(several, service) != several.end();
}

}  // namespace

std::string label_of(const Alert& alert, std::string_view name) {
  if (const std::string_view given = alert.extras.labels.get(name); !given.empty()) return std::string(given);
  if (name == "alertname" || name == "event") return alert.event;
  if (name == "severity") return std::string(to_string(alert.severity));
  if (name == "environment") return alert.environment;
  if (name == "resource" || name == "instance") return alert.resource;
  if (name == "host") return alert.host;
  if (name == "service") return alert.service;
  if (name == "tier") return std::string(to_string(alert.tier));
  if (name == "rule") return alert.rule_id;
  // What Alerta's clients are shown where a report names none.
  if (name == "group" && alert.extras.group.empty() && alert.rule_id.starts_with("alerta/")) return "Misc";
  if (name == "group") return alert.extras.group;
  if (name == "origin") return alert.extras.origin;
  if (name == "status") return std::string(to_string(alert.status));
  constexpr std::string_view kTag = "tag:", kService = "service:";
  if (name.starts_with(kTag))
    return std::ranges::count(alert.extras.tags, name.substr(kTag.size())) > 0 ? "true" : "";
  if (name.starts_with(kService)) return concerns(alert, name.substr(kService.size())) ? "true" : "";
  return "";
}

bool labelled_by_sender(const Alert& alert) {
  const Labels& labels = alert.extras.labels;
  if (alert.rule_id.starts_with("alerta/")) return false;  // its labels are of our making
  return (!alert.extras.origin.empty() && labels.size() > 0) || !labels.get("alertname").empty();
}

Labels labels_of(const Alert& alert) {
  Labels labels = alert.extras.labels;
  if (labelled_by_sender(alert)) return labels;
  for (const std::string_view name :
       {"alertname", "severity", "environment", "resource", "host", "service", "tier", "rule"})
    labels.set(name, label_of(alert, name));
  return labels;
}

Result<void> Matchers::add(LabelMatcher matcher, std::string_view field) {
  if (all_.size() == kMost) return fail_field(Errc::kTooLarge, field, "more than {} matchers", kMost);
  if (matcher.name.empty()) return fail_field(Errc::kInvalid, field, "a matcher has no name");
  if (matcher.name.size() > kMaxText || matcher.value.size() > kMaxText)
    return fail_field(Errc::kTooLarge, field, "a matcher is longer than {} bytes", kMaxText);
  if (!is_valid_utf8(matcher.name) || !is_valid_utf8(matcher.value))
    return fail_field(Errc::kInvalid, field, "a matcher is not UTF-8");
  auto compiled = CompiledMatcher::make(std::move(matcher), kMaxRegexMemory);
  if (!compiled) return fail_field(compiled.error().code, field, "{}", compiled.error().message);
  all_.push_back(*std::move(compiled));
  return {};
}

Result<Matchers> Matchers::from_json(const boost::json::value& value, std::string_view field) {
  if (!value.is_array()) return fail_field(Errc::kInvalid, field, "a list of matchers expected");
  Matchers out;
  for (const boost::json::value& item : value.get_array()) {
    if (!item.is_object()) return fail_field(Errc::kInvalid, field, "a matcher is an object");
    const boost::json::object& object = item.get_object();
    SENT_TRY(only_fields(object, {"name", "value", "isRegex", "isEqual"}));
    LabelMatcher matcher;
    SENT_TRY_ASSIGN(matcher.name, required_string(object, "name"));
    // "" asks that the alert has no such label.
    SENT_TRY_ASSIGN(auto text, optional_string(object, "value"));
    if (!text) return fail_field(Errc::kInvalid, field, "a matcher has no value");
    matcher.value = *std::move(text);
    SENT_TRY_ASSIGN(const auto is_regex, optional_bool(object, "isRegex"));
    SENT_TRY_ASSIGN(const auto is_equal, optional_bool(object, "isEqual"));
    using enum LabelMatcher::Op;
    if (is_regex.value_or(false)) {
      matcher.op = is_equal.value_or(true) ? regex : not_regex;
    } else {
      matcher.op = is_equal.value_or(true) ? equal : not_equal;
    }
    SENT_TRY(out.add(std::move(matcher), field));
  }
  return out;
}

Result<Matchers> Matchers::from_text(const std::vector<std::string>& texts, std::string_view field) {
  using enum LabelMatcher::Op;
  Matchers out;
  for (const std::string& text : texts) {
    const std::size_t at = text.find_first_of("=!");
    const std::string_view sign = at == std::string::npos ? "" : std::string_view(text).substr(at, 2);
    LabelMatcher matcher;
    std::size_t length = 2;
    if (sign == "=~") {
      matcher.op = regex;
    } else if (sign == "!~") {
      matcher.op = not_regex;
    } else if (sign == "!=") {
      matcher.op = not_equal;
    } else if (sign.starts_with('=')) {
      length = 1;
    } else {
      return fail_field(Errc::kInvalid, field, "\"{}\" is no matcher: name=\"value\", !=, =~ or !~ expected",
                        text.substr(0, 100));
    }
    const auto unquote = [](std::string_view word) {
      word = trim(word);
      if (word.size() < 2 || !word.starts_with('"') || !word.ends_with('"')) return std::string(word);
      std::string plain;
      word = word.substr(1, word.size() - 2);
      for (std::size_t i = 0; i < word.size(); ++i) {
        const bool escaped =
            word[i] == '\\' && i + 1 < word.size() && (word[i + 1] == '"' || word[i + 1] == '\\');
        plain.push_back(word[escaped ? ++i : i]);
      }
      return plain;
    };
    matcher.name = unquote(std::string_view(text).substr(0, at));
    matcher.value = unquote(std::string_view(text).substr(at + length));
    SENT_TRY(out.add(std::move(matcher), field));
  }
  return out;
}

bool Matchers::match(const Alert& alert) const {
  return std::ranges::all_of(
      all_, [&](const CompiledMatcher& one) { return one.matches(label_of(alert, one.name())); });
}

bool Matchers::matches_nothing_in_particular() const {
  return std::ranges::none_of(all_, &CompiledMatcher::narrows);
}

void Matchers::write(JsonWriter& json) const {
  using enum LabelMatcher::Op;
  json.array();
  for (const CompiledMatcher& one : all_) {
    const auto op = one.said().op;
    json.object().field("name", one.name()).field("value", one.said().value);
    json.field("isRegex", op == regex || op == not_regex).field("isEqual", op == equal || op == regex).end();
  }
  json.end();
}

}  // namespace sentinella::notify
