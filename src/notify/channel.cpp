#include "notify/channel.h"

#include <algorithm>

#include "notify/slack.h"
#include "notify/smtp.h"
#include "notify/webhook.h"

namespace sentinella::notify {

const std::vector<ChannelKind>& channel_kinds() {
  static const std::vector<ChannelKind> kinds{
      {"webhook", make_webhook, {"secret"}},
      {"slack", make_slack, {"url"}},
      {"smtp", make_smtp, {"password"}},
  };
  return kinds;
}

Result<std::unique_ptr<Channel>> make_channel(std::string_view kind, std::string_view settings) {
  const auto found = std::ranges::find(channel_kinds(), kind, &ChannelKind::name);
  if (found == channel_kinds().end())
    return fail_field(Errc::kInvalid, "kind", "\"{}\" is no kind of channel", kind.substr(0, 64));
  return found->make(settings);
}

}  // namespace sentinella::notify
