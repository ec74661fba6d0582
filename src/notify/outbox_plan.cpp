#include "notify/outbox_plan.h"

#include <algorithm>

namespace sentinella::notify {

OutboxPlan plan_outbox(std::vector<catalog::OutboxEntry> earlier, Notification::Transition transition,
                       bool wanted, const std::function<bool(const catalog::OutboxEntry&)>& unsent) {
  std::ranges::sort(earlier, {}, &catalog::OutboxEntry::sequence);
  OutboxPlan plan;
  const std::string_view closed = to_string(Notification::Transition::closed);
  bool told = false;  // the other side knows (or may know) this alert as open
  bool opening_unsent = false;
  for (catalog::OutboxEntry& entry : earlier) {
    if (entry.state == "pending" && unsent(entry)) {
      opening_unsent |= entry.transition == to_string(Notification::Transition::opened);
      plan.superseded.push_back(std::move(entry));
    } else if (entry.state == "pending" || entry.state == "delivered") {
      told = entry.transition != closed;
    }
  }
  if (transition == Notification::Transition::closed) {
    if (told) {
      plan.transition = closed;
    } else if (!plan.superseded.empty()) {
      plan.transition = closed;
      plan.state = "superseded";
    }
  } else if (transition == Notification::Transition::status ||
             transition == Notification::Transition::update) {
    // Only of interest to those who have heard of the alert; an opening still to be sent carries it.
    if (told || opening_unsent)
      plan.transition = to_string(told ? transition : Notification::Transition::opened);
    if (plan.transition.empty()) plan.superseded.clear();
  } else if (wanted || !plan.superseded.empty()) {
    // Whoever has not heard of the alert hears of an opening, however far it has come meanwhile.
    const bool first = !told && (opening_unsent || transition == Notification::Transition::reminder);
    plan.transition = to_string(first ? Notification::Transition::opened : transition);
  }
  return plan;
}

}  // namespace sentinella::notify
