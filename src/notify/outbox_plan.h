// Which entry a channel's outbox gets for a new notification, given what the channel was sent of this alert
// before.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/alerting.h"
#include "model/alert.h"

namespace sentinella::notify {

struct OutboxPlan {
  std::vector<catalog::OutboxEntry> superseded;  ///< older ones that nobody has seen and nobody need see
  std::string transition;                        ///< of the new entry; "" = there is none
  std::string state = "pending";  ///< "superseded": closed before anybody heard of it; for the record
};

/// `earlier`: the channel's entries of this alert, in any order. `unsent` says whether an entry that is
/// pending was surely not seen by the other side. `wanted`: the channel is enabled and its
/// tier lets the alert through.
///
/// A newer state takes the place of unsent older ones. An alert that opened and closed before the channel
/// heard of it is never mentioned. A closed notice goes only where the opening went. Both hold for a channel
/// that does not want the alert any more, too.
OutboxPlan plan_outbox(std::vector<catalog::OutboxEntry> earlier, Notification::Transition transition,
                       bool wanted, const std::function<bool(const catalog::OutboxEntry&)>& unsent);

}  // namespace sentinella::notify
