// Which channels a message goes to.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/alerting.h"
#include "model/alert.h"

namespace sentinella::notify {

/// Ids of the channels, of those given, that are told: those that take the alert's tier, of them the `named`
/// ones. When none of these is there (nobody on call yet, a channel that is gone or switched off), all that
/// take the tier: a page that reaches nobody is worse than one that reaches too many.
std::set<std::string> receivers(const std::vector<catalog::Channel>& channels, const Alert& alert,
                                const std::optional<std::set<std::string>>& named);

}  // namespace sentinella::notify
