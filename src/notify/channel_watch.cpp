#include "notify/channel_watch.h"

#include <algorithm>

#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "notify/heartbeat.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kChannelFails = "ChannelFails";
constexpr std::string_view kOrigin = "sentinella/channels";
constexpr std::uint64_t kInVain = 3;
constexpr Duration kAtLeast = std::chrono::minutes(1);
constexpr std::string_view kChannelPlaybook = R"(## Meaning
Messages through this channel do not arrive. What was to be told through it is tried again for a day.

## Check
- the channel's deliveries: what does the other side say?
- the address, the key and the certificate: has one of them changed or expired?
- from the server's host: does the other side answer at all?

## Fix
Mend the settings and send a test message: the alert closes when one goes through. A channel that nobody needs any more is
switched off.

## Escalate
Whoever runs the other side. Until then on-callers are told by other means: look at the alerts page.

## False alarm
None: a message that was given up was not delivered.
)";

bool keeps_failing(const catalog::ChannelTrouble& trouble, Time now) {
  return trouble.given_up > 0 || (trouble.attempts >= kInVain && trouble.since + kAtLeast <= now);
}

Signal about(const catalog::Channel& channel, Time at) {
  Signal out;
  out.account = channel.account;
  out.event = kChannelFails;
  out.resource = "channel/" + channel.name;
  out.environment = "Sentinella";
  out.severity = AlertSeverity::major;
  // Whatever it takes, it takes pages, too.
  out.tier = Tier::page;
  out.at = at;
  out.playbook = kChannelPlaybook;
  out.extras.fingerprint = channel.id;
  out.extras.origin = kOrigin;
  return out;
}

/// Under the name that it was raised with, whatever the channel is called now.
Signal end_of(const Alert& alert, std::string text, Time now) {
  Signal out;
  out.state = Signal::State::resolved;
  out.account = alert.account;
  out.event = alert.event;
  out.resource = alert.resource;
  out.environment = alert.environment;
  out.at = now;
  out.text = std::move(text);
  out.extras = alert.extras;
  return out;
}

}  // namespace

std::string_view failing_channel(const Alert& alert) {
  const bool is_ours = alert.event == kChannelFails && alert.extras.origin == kOrigin;
  return is_ours ? std::string_view(alert.extras.fingerprint) : std::string_view();
}

Result<std::vector<Signal>> watch_channels(catalog::Transaction& tx, const std::vector<Alert>& known,
                                           Time now) {
  SENT_TRY_ASSIGN(const auto channels, catalog::list_channels(tx, std::nullopt));
  std::vector<Signal> out;
  for (const Alert& alert : known) {
    const bool is_there = std::ranges::any_of(channels, [&](const catalog::Channel& channel) {
      return channel.account == alert.account && channel.id == failing_channel(alert);
    });
    if (!is_there) out.push_back(end_of(alert, "the channel was removed", now));
  }
  for (const catalog::Channel& channel : channels) {
    if (channel.kind == kHeartbeatKind) continue;
    const auto alert = std::ranges::find_if(known, [&](const Alert& one) {
      return one.account == channel.account && failing_channel(one) == channel.id;
    });
    // An alert ends with a message that goes through, not with an attempt to mend it; it does not begin with
    // what went wrong before one.
    SENT_TRY_ASSIGN(const auto trouble,
                    catalog::channel_trouble(tx, channel.account, channel.id, alert == known.end()));
    const bool fails = channel.enabled && keeps_failing(trouble, now);
    if (fails && alert == known.end()) {
      Signal& signal = out.emplace_back(about(channel, trouble.since));
      signal.text = fmt::format("the channel {} ({}) has delivered nothing since {}: {}", channel.name,
                                channel.kind, to_rfc3339(trouble.since), trouble.answer);
    } else if (!fails && alert != known.end()) {
      out.push_back(end_of(
          *alert, channel.enabled ? "a message went through again" : "the channel was switched off", now));
    }
  }
  return out;
}

}  // namespace sentinella::notify
