#include "notify/words.h"

#include <optional>

namespace sentinella::notify {
namespace {

constexpr std::size_t kMaxTemplate = 4000;

std::optional<std::string> field_of(std::string_view name, const Message& message,
                                    const AlertSummary& alert) {
  if (name == "event") return alert.event;
  if (name == "resource") return alert.resource;
  if (name == "host") return alert.host;
  if (name == "service") return alert.service;
  if (name == "environment") return alert.environment;
  if (name == "severity") return alert.severity;
  if (name == "status") return alert.status;
  if (name == "tier") return alert.tier;
  if (name == "value") return alert.value;
  if (name == "text") return alert.text;
  if (name == "owner") return alert.owner;
  if (name == "rule") return alert.rule_id;
  if (name == "transition") return message.transition;
  if (name == "url") return message.alert_url;
  if (name == "created") return to_rfc3339(alert.created);
  if (name == "members") return fmt::format("{}", fmt::join(alert.members, "\n"));
  if (name == "together") return std::to_string(alert.together);
  if (name == "symptoms") return std::to_string(alert.symptoms);
  return std::nullopt;
}

/// kInvalid: a name that is no field, or a brace that does not close.
Result<std::string> render(std::string_view pattern, const Message& message, const AlertSummary& alert) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '{') {
      out.push_back(pattern[at]);
      continue;
    }
    if (pattern.substr(at).starts_with("{{")) {
      out.push_back('{');
      ++at;
      continue;
    }
    const std::size_t end = pattern.find('}', at);
    if (end == std::string_view::npos) return fail(Errc::kInvalid, "a brace is not closed");
    const std::string_view name = pattern.substr(at + 1, end - at - 1);
    const auto value = field_of(name, message, alert);
    if (!value) return fail(Errc::kInvalid, "{{{}}} is no field of an alert", name.substr(0, 40));
    out += *value;
    at = end;
  }
  return out;
}

}  // namespace

Result<Words> Words::read(const boost::json::object& settings) {
  Words words;
  for (const auto& [name, target] : {std::pair{"title", &words.title_}, std::pair{"text", &words.text_}}) {
    SENT_TRY_ASSIGN(const auto given, optional_string(settings, name));
    if (!given) continue;
    if (given->size() > kMaxTemplate)
      return fail_field(Errc::kTooLarge, name, "{} bytes, at most {}", given->size(), kMaxTemplate);
    if (const auto tried = render(*given, {}, {}); !tried)
      return fail_field(Errc::kInvalid, name, "{}", tried.error().message);
    *target = *given;
  }
  return words;
}

std::string Words::title(const Message& message, const AlertSummary& alert) const {
  return title_.empty() ? headline(message, alert) : render(title_, message, alert).value_or(alert.event);
}

std::string Words::text(const Message& message, const AlertSummary& alert) const {
  if (!text_.empty()) return render(text_, message, alert).value_or(alert.text);
  return alert.members.empty() ? alert.text
                               : fmt::format("{}\n\n{}", alert.text, fmt::join(alert.members, "\n"));
}

}  // namespace sentinella::notify
