// What messages for people say of an alert, taken from its JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "notify/channel.h"

namespace sentinella::notify {

struct AlertSummary {
  std::string status, host, service, value;
  std::string id, environment, resource, event, severity, tier, text, rule_id, playbook, owner;
  Time created, updated, heard;  ///< heard: when its last report came
  std::uint64_t together = 1;    ///< alerts that the message is about
  std::uint64_t symptoms = 0;    ///< other alerts that follow from this one
  std::vector<std::string>
      members;  ///< the other alerts of the message: at most kMaxMembers, then how many more
  std::vector<std::string> lines;  ///< of evidence, the newest kMaxLines, each at most kMaxLineBytes
  static constexpr std::size_t kMaxMembers = 15;
  static constexpr std::size_t kMaxLines = 10;
  static constexpr std::size_t kMaxLineBytes = 300;
};

/// Absent or odd fields are "": a message must go out even so.
AlertSummary summarise(std::string_view alert_json);
/// `&`, `<`, `>`, and with `quotes` `"`, as HTML and Slack want them.
std::string escape_markup(std::string_view text, bool quotes = false);
/// "[CRITICAL] ServiceDown: compute1/nova-compute", "[CLOSED] ...", "[TEST] ...";
/// "... and 39 more" when the message is about several alerts.
std::string headline(const Message& message, const AlertSummary& alert);
/// The page of the alert, over an hour before it began to a quarter of an hour after it was last heard of.
std::string link_to(std::string_view public_url, std::string_view alert_id, const AlertSummary& alert);

}  // namespace sentinella::notify
