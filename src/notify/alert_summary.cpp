#include "notify/alert_summary.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace sentinella::notify {
namespace {

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto value = optional_string(object, name);
  return value && *value ? **value : "";
}

/// `text` cut to at most `max` bytes, between characters.
std::string shorten(std::string_view text, std::size_t max) {
  if (text.size() <= max) return std::string(text);
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xc0) == 0x80) --max;
  return std::string(text.substr(0, max)) + "…";
}

}  // namespace

AlertSummary summarise(std::string_view alert_json) {
  AlertSummary out;
  const auto alert = parse_json_object(alert_json);
  if (!alert) return out;
  out.id = text_of(*alert, "id");
  out.environment = text_of(*alert, "environment");
  out.resource = text_of(*alert, "resource");
  out.event = text_of(*alert, "event");
  out.severity = text_of(*alert, "severity");
  out.tier = text_of(*alert, "tier");
  out.text = text_of(*alert, "text");
  out.rule_id = text_of(*alert, "ruleId");
  out.playbook = text_of(*alert, "playbook");
  if (const auto updated = parse_rfc3339(text_of(*alert, "updateTime"))) out.updated = *updated;
  const boost::json::value* evidence = alert->if_contains("evidence");
  if (!evidence || !evidence->is_array()) return out;
  const boost::json::array& lines = evidence->get_array();
  for (std::size_t i = lines.size() - std::min(lines.size(), AlertSummary::kMaxLines); i < lines.size(); ++i)
    if (lines[i].is_object())
      out.lines.push_back(shorten(text_of(lines[i].get_object(), "text"), AlertSummary::kMaxLineBytes));
  return out;
}

std::string headline(const Message& message, const AlertSummary& alert) {
  std::string tag = alert.severity;
  if (message.transition == "closed" || message.transition == "test") tag = message.transition;
  std::ranges::transform(tag, tag.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return fmt::format("[{}] {}: {}", tag, alert.event, alert.resource);
}

}  // namespace sentinella::notify
