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

std::uint64_t natural_of(const boost::json::object& object, std::string_view name) {
  const auto number = optional_number(object, name);
  return number && *number && **number > 0 ? static_cast<std::uint64_t>(**number) : 0;
}

/// "critical ServiceDown compute2/nova-compute: nova-compute on compute2 was killed by signal 9"
std::vector<std::string> members_of(const boost::json::object& together, const AlertSummary& alert) {
  std::vector<std::string> members;
  const auto* all = together.if_contains("alerts");
  if (!all || !all->is_array()) return members;
  for (const auto& one : all->get_array()) {
    if (!one.is_object() || text_of(one.get_object(), "id") == alert.id) continue;
    if (members.size() == AlertSummary::kMaxMembers) break;
    const auto& member = one.get_object();
    members.push_back(
        shortened(fmt::format("{} {} {}: {}", text_of(member, "severity"), text_of(member, "event"),
                              text_of(member, "resource"), text_of(member, "text")),
                  AlertSummary::kMaxLineBytes));
    if (text_of(member, "status") == "closed") members.back().insert(0, "(closed) ");
  }
  if (alert.together > members.size() + 1)
    members.push_back(fmt::format("... and {} more", alert.together - members.size() - 1));
  return members;
}

}  // namespace

std::string escape_markup(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += quotes ? "&quot;" : "\"";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

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
  out.status = text_of(*alert, "status");
  out.host = text_of(*alert, "host");
  out.value = text_of(*alert, "value");
  if (const auto* names = alert->if_contains("service");
      names && names->is_array() && !names->get_array().empty())
    if (const auto& first = names->get_array()[0]; first.is_string()) out.service = first.get_string();
  if (const auto created = parse_rfc3339(text_of(*alert, "createTime"))) out.created = *created;
  if (const auto* company = alert->if_contains("together"); company && company->is_object())
    out.together = natural_of(company->get_object(), "total");
  if (out.together > 1) out.members = members_of(alert->at("together").get_object(), out);
  out.symptoms = natural_of(*alert, "symptoms");
  out.rule_id = text_of(*alert, "ruleId");
  out.playbook = text_of(*alert, "playbook");
  out.owner = text_of(*alert, "owner");
  if (const auto updated = parse_rfc3339(text_of(*alert, "updateTime"))) out.updated = *updated;
  if (const auto heard = parse_rfc3339(text_of(*alert, "lastReceiveTime"))) out.heard = *heard;
  const boost::json::value* evidence = alert->if_contains("evidence");
  if (!evidence || !evidence->is_array()) return out;
  const boost::json::array& lines = evidence->get_array();
  for (std::size_t i = lines.size() - std::min(lines.size(), AlertSummary::kMaxLines); i < lines.size(); ++i)
    if (lines[i].is_object())
      out.lines.push_back(shortened(text_of(lines[i].get_object(), "text"), AlertSummary::kMaxLineBytes));
  return out;
}

std::string link_to(std::string_view public_url, std::string_view alert_id, const AlertSummary& alert) {
  std::string link = fmt::format("{}/alerts/{}", public_url, alert_id);
  if (alert.created == Time{}) return link;
  const Time last = std::max({alert.created, alert.updated, alert.heard});
  return fmt::format("{}?from={}&to={}", link, to_rfc3339(alert.created - std::chrono::hours(1)),
                     to_rfc3339(last + std::chrono::minutes(15)));
}

std::string headline(const Message& message, const AlertSummary& alert) {
  std::string tag = alert.severity;
  if (message.transition == "closed" || message.transition == "test" || message.transition == "canary" ||
      message.transition == "flapping")
    tag = message.transition;
  std::ranges::transform(tag, tag.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  std::string line = fmt::format("[{}] {}: {}", tag, alert.event, alert.resource);
  if (alert.together > 1) line += fmt::format(" and {} more", alert.together - 1);
  if (alert.symptoms > 0) line += fmt::format(" ({} alerts follow from it)", alert.symptoms);
  return line;
}

}  // namespace sentinella::notify
