#include "notify/channel.h"

#include <algorithm>

#include "notify/foreign_webhook.h"
#include "notify/heartbeat.h"
#include "notify/opsgenie.h"
#include "notify/pagerduty.h"
#include "notify/slack.h"
#include "notify/slack_bot.h"
#include "notify/smtp.h"
#include "notify/teams.h"
#include "notify/thunderpush.h"
#include "notify/webhook.h"

namespace sentinella::notify {

const std::vector<ChannelKind>& channel_kinds() {
  static const std::vector<ChannelKind> kinds{
      {"webhook", make_webhook, {"secret"}, false},
      {"slack", make_slack, {"url"}, false},
      {"smtp", make_smtp, {"password"}, false},
      {"alertmanager", make_alertmanager_webhook, {"bearer_token"}, false},
      {"monasca", make_monasca_webhook, {"bearer_token"}, false},
      {"aodh", make_aodh_webhook, {"url", "bearer_token"}, false},
      {"pagerduty", make_pagerduty, {"routing_key"}, true},
      {"opsgenie", make_opsgenie, {"api_key"}, true},
      {"teams", make_teams, {"url"}, false},
      {"slack_bot", make_slack_bot, {"token"}, true},
      {"thunderpush", make_thunderpush, {"secret_key"}, false},
      {kHeartbeatKind, make_heartbeat, {"url"}, false},
  };
  return kinds;
}

Result<std::string> Channel::deliver_together(const std::vector<Message>&) {
  return fail(Errc::kInternal, "this channel makes no digests");
}

bool follows_status(std::string_view kind) {
  const auto found = std::ranges::find(channel_kinds(), kind, &ChannelKind::name);
  return found != channel_kinds().end() && found->follows_status;
}

Result<std::unique_ptr<Channel>> make_channel(std::string_view kind, std::string_view settings) {
  const auto found = std::ranges::find(channel_kinds(), kind, &ChannelKind::name);
  if (found == channel_kinds().end())
    return fail_field(Errc::kInvalid, "kind", "\"{}\" is no kind of channel", kind.substr(0, 64));
  return found->make(settings);
}

}  // namespace sentinella::notify
