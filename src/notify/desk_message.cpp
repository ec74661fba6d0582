#include "notify/desk_message.h"

#include <algorithm>

#include "base/json.h"
#include "notify/channel_watch.h"
#include "notify/matcher.h"

namespace sentinella::notify {
namespace {

constexpr std::size_t kListed = 50;

}  // namespace

std::string group_key(const Alert& alert, const std::vector<std::string>& group_by) {
  // Told through all channels but its own.
  if (!failing_channel(alert).empty()) return alert.id;
  std::string key;
  for (const std::string& name : group_by) {
    if (name == "...") return alert.id;
    key += label_of(alert, name) + '\n';
  }
  return key;
}

std::string with_company(std::string alert_json, const std::vector<const Alert*>& together,
                         std::uint64_t symptoms) {
  if (!alert_json.ends_with('}')) return alert_json;
  std::string more;
  if (together.size() > 1) {
    const auto firing =
        std::ranges::count_if(together, [](const Alert* one) { return is_live(one->status); });
    JsonWriter json;
    json.object().field("total", static_cast<std::uint64_t>(together.size()));
    json.field("firing", static_cast<std::uint64_t>(firing)).key("alerts").array();
    for (std::size_t i = 0; i < std::min(together.size(), kListed); ++i) {
      const Alert& one = *together[i];
      json.object().field("id", one.id).field("resource", one.resource).field("event", one.event);
      json.field("severity", to_string(one.severity)).field("status", to_string(one.status));
      json.field("text", one.text).end();
    }
    more += ",\"together\":" + json.end().end().take();
  }
  if (symptoms > 0) more += fmt::format(",\"symptoms\":{}", symptoms);
  alert_json.insert(alert_json.size() - 1, more);
  return alert_json;
}

Alert silence_reminder(const catalog::PolicyItem& silence, const std::string& reason, std::size_t hidden,
                       Time now) {
  Alert alert;
  alert.id = "silence-" + silence.id;
  alert.environment = "Sentinella";
  alert.resource = "silence/" + silence.id;
  alert.event = "SilenceEnds";
  alert.severity = AlertSeverity::informational;
  alert.tier = Tier::ticket;
  alert.text =
      fmt::format("The silence of {} (\"{}\") ends at {}; it hides {} open alert{} now.", silence.created_by,
                  reason, to_rfc3339(silence.ends), hidden, hidden == 1 ? "" : "s");
  alert.create_time = alert.receive_time = alert.last_receive_time = alert.update_time = now;
  return alert;
}

}  // namespace sentinella::notify
