// What messages for people say of an alert, taken from its JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "notify/channel.h"

namespace sentinella::notify {

struct AlertSummary {
  std::string id, environment, resource, event, severity, tier, text, rule_id, playbook;
  Time updated;
  std::vector<std::string> lines;  ///< of evidence, the newest kMaxLines, each at most kMaxLineBytes
  static constexpr std::size_t kMaxLines = 10;
  static constexpr std::size_t kMaxLineBytes = 300;
};

/// Absent or odd fields are "": a message must go out even so.
AlertSummary summarise(std::string_view alert_json);
/// "[CRITICAL] ServiceDown: compute1/nova-compute", "[CLOSED] ...", "[TEST] ...".
std::string headline(const Message& message, const AlertSummary& alert);

}  // namespace sentinella::notify
