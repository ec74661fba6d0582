// What the desk writes into messages beyond the alert itself.
#pragma once

#include <string>
#include <vector>

#include "catalog/policy.h"
#include "model/alert.h"
#include "notify/policy.h"

namespace sentinella::notify {

/// Alerts with the same key are told together: the values of the labels in `group_by`; with "..." the alert's
/// id.
std::string group_key(const Alert& alert, const std::vector<std::string>& group_by);

/// What the storm guard counts together: messages to the same people, pages apart from the rest, so that many
/// tickets hold back no page.
std::string lane_of(const Policy& policy, const Alert& alert);

/// `alert_json` with "together": {"total","firing","alerts":[{id,resource,event,severity,status,text}]} when
/// there is more than one, at most 50 listed; and "symptoms", how many other alerts follow from it, when
/// there are some.
std::string with_company(std::string alert_json, const std::vector<const Alert*>& together,
                         std::uint64_t symptoms);

/// The notice to a silence's owner, as an alert of tier ticket.
Alert silence_reminder(const catalog::PolicyItem& silence, const std::string& reason, std::size_t hidden,
                       Time now);

}  // namespace sentinella::notify
