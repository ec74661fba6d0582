// How a channel words its messages: two templates of the channel's settings, "title" and "text", each
// optional. {name} stands for a field of the alert: event, resource, host, service, environment, severity,
// status, tier, value, text, owner, rule, transition, url, created, together (how many alerts), members (the
// others, a line each), symptoms. {{ is a brace.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "notify/alert_summary.h"

namespace sentinella::notify {

class Words {
 public:
  /// kInvalid names the field and the unknown name.
  static Result<Words> read(const boost::json::object& settings);
  std::string title(const Message& message,
                    const AlertSummary& alert) const;  ///< headline() without a template
  std::string text(const Message& message,
                   const AlertSummary& alert)
      const;  ///< without one the alert's text, and which others the message is about

 private:
  std::string title_, text_;
};

}  // namespace sentinella::notify
