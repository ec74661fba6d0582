#include "rules/severity_label.h"

#include "base/text.h"

namespace sentinella::rules {

AlertSeverity severity_of_label(std::string_view label) {
  const std::string word = to_lower(label);
  if (const auto known = parse_any_severity(word); known && !is_normal(*known)) return *known;
  if (word == "page" || word == "emergency" || word == "alert" || word == "disaster")
    return AlertSeverity::critical;
  if (word == "error" || word == "high") return AlertSeverity::major;
  if (word == "info" || word == "notice" || word == "none") return AlertSeverity::informational;
  return AlertSeverity::warning;
}

Tier tier_of_labels(const Labels& labels, AlertSeverity severity) {
  if (const auto named = parse_tier(labels.get("tier"))) return *named;
  if (is_worse(severity, AlertSeverity::major)) return Tier::page;
  return is_worse(severity, AlertSeverity::informational) ? Tier::ticket : Tier::info;
}

}  // namespace sentinella::rules
