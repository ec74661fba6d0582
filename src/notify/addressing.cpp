#include "notify/addressing.h"

#include "notify/channel_watch.h"

namespace sentinella::notify {

std::set<std::string> receivers(const std::vector<catalog::Channel>& channels, const Alert& alert,
                                const std::optional<std::set<std::string>>& named) {
  std::set<std::string> all, meant;
  for (const catalog::Channel& channel : channels) {
    const bool takes = channel.enabled && alert.tier <= channel.min_tier;
    if (!takes || channel.id == failing_channel(alert)) continue;
    all.insert(channel.id);
    if (named && named->contains(channel.id)) meant.insert(channel.id);
  }
  return meant.empty() ? all : meant;
}

}  // namespace sentinella::notify
