// What stands between an alert and those who are told of it, and when to look again.
#include <algorithm>

#include "notify/desk_impl.h"
#include "notify/flapping.h"

namespace sentinella::notify {
namespace {

using Transition = Notification::Transition;

/// Whether it waits for no group.
bool is_urgent(const Case& one) {
  const std::string& pending = one.notice.pending;
  if (pending == to_string(Transition::update)) return false;
  const bool is_critical = severity_code(one.alert.severity) <= severity_code(AlertSeverity::critical);
  return is_critical || pending == to_string(Transition::severity) ||
         pending == to_string(Transition::flapping) || pending == to_string(Transition::reminder);
}

/// A cause speaks for what follows from it: when somebody hears of it, or hid it on purpose, as loudly as of
/// the other. What begins long after it may well be something else.
bool speaks_for(const Case& cause, const Alert& symptom, Duration window) {
  return cause.live && cause.alert.tier <= symptom.tier && cause.notice.stage != "trial" &&
         symptom.create_time <= cause.alert.create_time + window;
}

}  // namespace

std::optional<Obstacle> Desk::Impl::inhibited(const Account& account, const Case& one) const {
  for (const Inhibition& rule : account.policy.inhibitions) {
    if (!rule.target.match(one.alert)) continue;
    const bool both = rule.source.match(one.alert);
    for (const auto& [id, source] : account.cases.all()) {
      if (!source.live || id == one.alert.id || both || !rule.source.match(source.alert)) continue;
      const bool agree = std::ranges::all_of(rule.equal, [&](const std::string& label) {
        return label_of(source.alert, label) == label_of(one.alert, label);
      });
      if (agree)
        return Obstacle{
            "inhibition", id, "inhibited by " + source.alert.event + " on " + source.alert.resource, {}};
    }
  }
  return std::nullopt;
}

/// The first of what stands in the way, in the order of the header.
std::optional<Obstacle> Desk::Impl::obstacle(const Account& account, const Case& one, Time now) const {
  const Alert& alert = one.alert;
  const AlertingSettings& settings = account.policy.settings;
  if (alert.status == AlertStatus::ack && one.live)
    return Obstacle{"acknowledged", "", "somebody has it in hand", alert.status_until};
  if ((alert.status == AlertStatus::shelved || alert.status == AlertStatus::blackout) && one.live)
    return Obstacle{"shelved", "", "it was put aside", alert.status_until};
  if (const Trial* trial = alert.tier == Tier::page ? account.policy.trial(alert.rule_id) : nullptr;
      trial && trial->holds(now)) {
    const bool approved = !trial->approved_by.empty();
    return Obstacle{
        "trial", trial->rule_id,
        approved ? "its rule is new and on trial" : "its rule is new and nobody has approved it yet",
        approved ? trial->ends : Time{}};
  }
  if (settings.fold_symptoms && !alert.cause.empty() && one.notice.told == 0) {
    const Case* const cause = account.cases.find(alert.cause);
    const bool standing = cause != nullptr && speaks_for(*cause, alert, settings.symptom_window);
    const bool grace = one.notice.stage == "cause" && one.notice.stage_until > now;
    if (standing || grace)
      return Obstacle{"cause", alert.cause,
                      standing ? "it follows from " + cause->alert.event + " on " + cause->alert.resource
                               : "its cause is gone; it has a little time to recover",
                      standing ? Time{} : one.notice.stage_until};
  }
  for (const Mute& mute : account.policy.mutes)
    if (const auto window = mute.window(now); window && mute.matchers.match(alert))
      return Obstacle{mute.kind, mute.id, mute.reason, window->until};
  if (auto by = inhibited(account, one)) return by;
  if (one.notice.flapping && one.notice.pending != to_string(Transition::flapping))
    return Obstacle{"flapping", "", "it opens and closes all the time", now + kFlapWindow / 4};
  return std::nullopt;
}

/// Whether the alert may be told now, and when to look again.
void Desk::Impl::look(Work& work, Account& account, Case& one) {
  catalog::Notice& notice = one.notice;
  const catalog::Notice before = notice;
  if (one.live || !notice.pending.empty()) {
    if (const auto found = obstacle(account, one, work.now)) {
      notice.stage = found->stage;
      notice.stage_id = found->id;
      notice.stage_text = found->text;
      notice.stage_until = found->until;
      notice.due = found->until;
      // What was told before and is hidden now is told again when it is not hidden any more.
      const bool hidden = found->stage != "acknowledged" && found->stage != "shelved";
      if (hidden && notice.pending.empty() && notice.told > 0 && one.live)
        notice.pending = to_string(Transition::reminder);
    } else {
      notice.stage.clear();
      notice.stage_id.clear();
      notice.stage_text.clear();
      notice.stage_until = {};
      schedule(work, account, one);
    }
  }
  if (!(notice == before)) account.cases.changed(one);
}

void Desk::Impl::schedule(Work& work, Account& account, Case& one) {
  catalog::Notice& notice = one.notice;
  const AlertingSettings& settings = account.policy.settings;
  if (!notice.pending.empty()) {
    Time ready = work.now;
    if (!is_urgent(one)) {
      if (notice.told == 0) ready = std::max(ready, one.alert.receive_time + settings.group_wait);
      if (const auto last = account.flushed.find(notice.group_key);
          last != account.flushed.end() && last->second != Time{})
        ready = std::max(ready, last->second + settings.group_interval);
    }
    if (ready > work.now) {
      notice.stage = "group";
      notice.stage_text = "it waits for others to be told together with";
      notice.stage_until = ready;
    }
    notice.due = ready;
    return;
  }
  notice.due = {};
  if (!one.live || notice.told == 0 || one.alert.tier == Tier::info) return;
  if (const Escalation* chain = account.policy.escalation(one.alert);
      chain && notice.step < chain->steps.size())
    notice.due = notice.first_told + chain->steps[notice.step].after;
  if (settings.repeat.empty()) return;
  const std::size_t nth = std::min<std::size_t>(notice.told - 1, settings.repeat.size() - 1);
  const Time again = notice.last_told + settings.repeat[nth];
  if (notice.due == Time{} || again < notice.due) notice.due = again;
}

}  // namespace sentinella::notify
