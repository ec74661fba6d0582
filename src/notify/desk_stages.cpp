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

std::optional<Obstacle> Desk::Impl::inhibited(const Account& account, const Inhibition& rule,
                                              const Case& one) const {
  if (!rule.target.match(one.alert) || rule.source.match(one.alert)) return std::nullopt;
  for (const auto& [id, source] : account.cases.all()) {
    if (!source.live || id == one.alert.id || !rule.source.match(source.alert)) continue;
    const bool agree = std::ranges::all_of(rule.equal, [&](const std::string& label) {
      return label_of(source.alert, label) == label_of(one.alert, label);
    });
    if (agree)
      return Obstacle{
          "inhibition", id, "inhibited by " + source.alert.event + " on " + source.alert.resource, {}};
  }
  return std::nullopt;
}

namespace {

std::optional<Obstacle> put_aside(const Case& one) {
  const Alert& alert = one.alert;
  if (!one.live) return std::nullopt;
  if (alert.status == AlertStatus::ack)
    return Obstacle{"acknowledged", "", "somebody has it in hand", alert.status_until};
  if (alert.status == AlertStatus::shelved || alert.status == AlertStatus::blackout)
    return Obstacle{"shelved", "", "it was put aside", alert.status_until};
  return std::nullopt;
}

std::optional<Obstacle> on_trial(const Policy& policy, const Alert& alert, Time now) {
  const Trial* const trial = alert.tier == Tier::page ? policy.trial(alert.rule_id) : nullptr;
  if (!trial || !trial->holds(now)) return std::nullopt;
  const bool approved = !trial->approved_by.empty();
  return Obstacle{
      "trial", trial->rule_id,
      approved ? "its rule is new and on trial" : "its rule is new and nobody has approved it yet",
      approved ? trial->ends : Time{}};
}

std::optional<Obstacle> follows(const AlertingSettings& settings, const Cases& cases, const Case& one,
                                Time now) {
  const Alert& alert = one.alert;
  if (!settings.fold_symptoms || alert.cause.empty() || one.notice.told > 0) return std::nullopt;
  const Case* const cause = cases.find(alert.cause);
  if (cause != nullptr && speaks_for(*cause, alert, settings.symptom_window))
    return Obstacle{
        "cause", alert.cause, "it follows from " + cause->alert.event + " on " + cause->alert.resource, {}};
  if (one.notice.stage == "cause" && one.notice.stage_until > now)
    return Obstacle{"cause", alert.cause, "its cause is gone; it has a little time to recover",
                    one.notice.stage_until};
  return std::nullopt;
}

}  // namespace

/// What stands in the way, in the order of the header: the first `most`.
std::vector<Obstacle> Desk::Impl::obstacles(const Account& account, const Case& one, Time now,
                                            std::size_t most) const {
  std::vector<Obstacle> out;
  const auto add = [&](std::optional<Obstacle> found) {
    if (found) out.push_back(*std::move(found));
    return out.size() >= most;
  };
  if (add(put_aside(one))) return out;
  if (add(on_trial(account.policy, one.alert, now))) return out;
  if (add(follows(account.policy.settings, account.cases, one, now))) return out;
  for (const Mute& mute : account.policy.mutes)
    if (const auto window = mute.window(now); window && mute.matchers.match(one.alert))
      if (add(Obstacle{mute.kind, mute.id, mute.reason, window->until})) return out;
  for (const Inhibition& rule : account.policy.inhibitions)
    if (add(inhibited(account, rule, one))) return out;
  if (one.notice.flapping && one.notice.pending != to_string(Transition::flapping))
    add(Obstacle{"flapping", "", "it opens and closes all the time", now + kFlapWindow / 4});
  return out;
}

/// Whether the alert may be told now, and when to look again.
void Desk::Impl::look(Work& work, Account& account, Case& one) {
  catalog::Notice& notice = one.notice;
  const catalog::Notice before = notice;
  if (one.live || !notice.pending.empty()) {
    if (const auto all = obstacles(account, one, work.now, 1); !all.empty()) {
      const Obstacle* const found = &all.front();
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

/// When its group may be told of it.
Time Desk::Impl::ready_at(const Account& account, const Case& one, Time now) const {
  const AlertingSettings& settings = account.policy.settings;
  if (is_urgent(one)) return now;
  Time ready = now;
  if (one.notice.told == 0) ready = std::max(ready, one.alert.receive_time + settings.group_wait);
  if (const auto last = account.flushed.find(one.notice.group_key);
      last != account.flushed.end() && last->second != Time{})
    ready = std::max(ready, last->second + settings.group_interval);
  return ready;
}

void Desk::Impl::schedule(Work& work, Account& account, Case& one) {
  catalog::Notice& notice = one.notice;
  const AlertingSettings& settings = account.policy.settings;
  if (!notice.pending.empty()) {
    const Time ready = ready_at(account, one, work.now);
    if (ready > work.now) {
      notice.stage = "group";
      notice.stage_text = kWaitsForGroup;
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
