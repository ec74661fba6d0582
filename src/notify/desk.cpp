#include "notify/desk.h"

#include <algorithm>

#include "base/ids.h"
#include "catalog/alerting.h"
#include "notify/desk_impl.h"
#include "notify/desk_message.h"
#include "notify/flapping.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kStormKey = "\x01storm ";
constexpr Duration kReminderBefore = std::chrono::hours(1);
/// What a silence's end could change is looked at this much later at the latest.
constexpr Duration kLook = std::chrono::minutes(1);

Alert thin(Alert alert) {
  // Not clear(), which keeps the memory: there may be tens of thousands.
  alert.evidence = {};
  alert.history = {};
  alert.playbook = std::string();
  alert.extras.annotations = {};
  return alert;
}

}  // namespace

/// Reads everything anew when somebody else wrote, or our own last transaction was rolled back.
Result<void> Desk::Impl::sync(catalog::Transaction& tx, Time now) {
  SENT_TRY_ASSIGN(const std::uint64_t stored, catalog::policy_version(tx));
  if (!stale && stored == version) return {};
  if (sequence == 0) {
    SENT_TRY_ASSIGN(sequence, catalog::last_sequence(tx));
  }
  std::map<AccountId, Account> fresh;
  SENT_TRY_ASSIGN(const auto items, catalog::list_policy(tx, std::nullopt, ""));
  std::map<AccountId, std::vector<catalog::PolicyItem>> by_account;
  for (const auto& item : items) by_account[item.account].push_back(item);
  SENT_TRY_ASSIGN(const auto alerts, catalog::load_live_alerts(tx));
  SENT_TRY_ASSIGN(const auto notices, catalog::load_notices(tx));
  for (auto& [id, of_account] : by_account) {
    fresh[id].policy = read_policy(of_account);
    for (const auto& item : of_account)
      if (item.kind == "silence" && !item.reminded) fresh[id].soon.push_back(item);
  }
  for (const Alert& alert : alerts) {
    Account& account = fresh[alert.account];
    Case& one = account.cases[alert.id];
    adopt(account, one, alert);
    one.live = true;
    one.notice.alert_id = alert.id;
    one.notice.account = alert.account;
  }
  for (const catalog::Notice& notice : notices) {
    Account& account = fresh[notice.account];
    Case& one = account.cases[notice.alert_id];
    if (one.alert.id.empty()) {
      SENT_TRY_ASSIGN(const Alert alert, catalog::find_alert(tx, notice.account, notice.alert_id));
      adopt(account, one, alert);
    }
    one.notice = notice;
    Time& flushed = account.flushed[notice.group_key];
    flushed = std::max(flushed, notice.last_told);
  }
  for (auto& [id, account] : fresh) {
    account.id = id;
    for (auto& [alert_id, one] : account.cases.all()) account.cases.changed(one);
    account.cases.settle();
    SENT_TRY_ASSIGN(account.messages,
                    catalog::messages_since(tx, id, now - account.policy.settings.storm_window));
  }
  accounts = std::move(fresh);
  version = stored;
  stale = false;
  look_again = true;
  return {};
}

/// What was just read is what this transaction has made of the alerts: those that have ended in it are not
/// among the live ones any more, and what was told of them must be known all the same.
Result<void> Desk::Impl::remember(catalog::Transaction& tx, const std::vector<Notification>& notifications) {
  for (const Notification& news : notifications) {
    Account& account = accounts[news.alert.account];
    Cases& cases = account.cases;
    const bool begins = news.transition == Transition::opened || news.transition == Transition::reopened;
    if (begins || cases.find(news.alert.id) != nullptr) continue;
    auto notice = catalog::find_notice(tx, news.alert.account, news.alert.id);
    if (!notice && notice.error().code != Errc::kNotFound) return std::unexpected(notice.error());
    if (!notice) continue;
    Case& one = cases[news.alert.id];
    adopt(account, one, news.alert);
    one.notice = *std::move(notice);
    one.live = true;
    cases.changed(one);
  }
  return {};
}

/// An alert as the desk sees it: where nothing pages it is a ticket.
void Desk::Impl::adopt(const Account& account, Case& one, const Alert& alert) const {
  one.alert = thin(alert);
  one.alert.tier = account.policy.tier_of(alert);
}

Result<void> Desk::Impl::handle(Work& work, const Notification& news) {
  Account& account = accounts[news.alert.account];
  account.id = news.alert.account;
  Case& one = account.cases[news.alert.id];
  adopt(account, one, news.alert);
  one.live = is_live(news.alert.status);
  one.notice.alert_id = news.alert.id;
  one.notice.account = news.alert.account;
  account.cases.changed(one);
  catalog::Notice& notice = one.notice;
  const bool flapped = notice.flapping;
  const auto still_flaps = [&] {
    return account.policy.settings.flapping && flaps(news.alert, work.now, flapped);
  };
  switch (news.transition) {
    case Transition::opened:
    case Transition::reopened:
      if (!flapped) notice = {};
      notice.alert_id = news.alert.id;
      notice.account = news.alert.account;
      notice.group_key = group_key(news.alert, account.policy.settings.group_by);
      // What is for others is told apart.
      if (const Team* const team = account.policy.team(news.alert)) notice.group_key += team->id;
      notice.flapping = still_flaps();
      if (notice.flapping && !flapped) {
        notice.pending = to_string(Transition::flapping);
      } else if (!notice.flapping || notice.told == 0) {
        notice.pending = to_string(news.transition);
      }
      hold_again(work, account, news.alert.id);
      break;
    case Transition::closed:
      return handle_close(work, account, one);
    case Transition::status:
      return handle_status(work, account, one);
    case Transition::severity:
      notice.flapping = still_flaps();
      if (notice.flapping && !flapped) notice.pending = to_string(Transition::flapping);
      if (notice.flapping) break;
      [[fallthrough]];
    default:
      if (notice.pending.empty()) notice.pending = to_string(news.transition);
  }
  look(work, account, one);
  return {};
}

/// What an alert kept from being told may be, now that it has closed; symptoms get a little time to recover.
void Desk::Impl::release(Work& work, Account& account, const std::string& alert_id) {
  for (Case* const other : account.cases.held_by(alert_id)) {
    if (other->notice.stage == "cause") {
      other->notice.stage_until = work.now + account.policy.settings.symptom_grace;
      other->notice.due = other->notice.stage_until;
      account.cases.changed(*other);
    } else {
      look(work, account, *other);
    }
  }
}

/// A cause is back before the time that its symptoms were given was over.
void Desk::Impl::hold_again(Work& work, Account& account, const std::string& alert_id) {
  for (Case* const other : account.cases.held_by(alert_id)) look(work, account, *other);
}

Result<void> Desk::Impl::handle_close(Work& work, Account& account, Case& one) {
  catalog::Notice& notice = one.notice;
  release(work, account, one.alert.id);
  account.cases.changed(one);
  if (notice.flapping) {
    notice.pending.clear();
    notice.due = work.now + kFlapWindow / 4;
    return {};
  }
  notice.due = {};
  if (notice.told == 0) {
    if (notice.stage.empty() || notice.stage == "group" || notice.stage == "storm") {
      notice.stage = "closed";
      notice.stage_text = "it closed before its turn came";
    }
    notice.pending.clear();
    return {};
  }
  notice.pending.clear();
  notice.stage.clear();
  const auto together = account.cases.members(notice.conversation);
  if (std::ranges::none_of(together, [](const Case* other) { return other->live; }))
    return post(work, account, notice.conversation, Transition::closed, std::nullopt);
  const auto is_told = [](const Case* other) { return other->live && !other->notice.pending.empty(); };
  const auto rest = std::ranges::find_if(together, [](const Case* other) { return other->live; });
  if (std::ranges::none_of(together, is_told)) {
    (*rest)->notice.pending = to_string(Transition::update);
    account.cases.changed(**rest);
    look(work, account, **rest);
  }
  return {};
}

Result<void> Desk::Impl::handle_status(Work& work, Account& account, Case& one) {
  look(work, account, one);
  if (one.notice.told == 0) return {};
  return post(work, account, one.notice.conversation, Transition::status, std::nullopt);
}

Result<void> Desk::Impl::post(Work& work, Account& account, const std::string& conversation,
                              Transition transition, std::optional<std::set<std::string>> channels,
                              const std::string& lane) {
  auto found = catalog::find_alert(work.tx, account.id, conversation);
  if (!found && found.error().code == Errc::kNotFound) return {};  // somebody has removed it
  SENT_TRY_ASSIGN(Alert whole, std::move(found));
  std::vector<const Alert*> together;
  for (const Case* one : account.cases.members(conversation)) together.push_back(&one->alert);
  whole.tier = account.policy.tier_of(whole);
  Post out;
  out.payload = with_company(to_json(whole), together, account.cases.symptoms(conversation));
  out.channels = std::move(channels);
  out.lane = lane;
  out.notification = {transition, to_text(random_uuid()), next_sequence(work.now), std::move(whole)};
  for (const Alert* one : together)
    out.notification.alert.tier = std::min(out.notification.alert.tier, one->tier);
  if (transition != Transition::closed && transition != Transition::status)
    account.messages[lane].push_back(work.now);
  work.posts.push_back(std::move(out));
  work.changed = true;
  return {};
}

/// Tells the news of one group: what was told together before stays together; what is new becomes one
/// conversation, named after its worst, then oldest alert.
Result<void> Desk::Impl::tell(Work& work, Account& account, const std::vector<Case*>& news) {
  std::map<std::string, std::vector<Case*>> conversations;
  for (Case* one : news) conversations[one->notice.conversation].push_back(one);
  for (auto& [conversation, cases] : conversations) {
    Case* lead = *std::ranges::min_element(cases, {}, [](const Case* one) {
      return std::tuple(severity_code(one->alert.severity), one->alert.create_time, one->alert.id);
    });
    // Whoever is paged for one of them is paged, whichever it is named after.
    const Case* const urgent = *std::ranges::min_element(cases, {}, [](const Case* one) {
      return std::tuple(one->alert.tier, severity_code(one->alert.severity), one->alert.create_time,
                        one->alert.id);
    });
    const std::string name = conversation.empty() ? lead->alert.id : conversation;
    const auto transition = parse_transition(lead->notice.pending).value_or(Transition::opened);
    Route route = route_of(account, *urgent, work.now);
    const std::string lane = lane_of(account.policy, urgent->alert);
    for (Case* one : cases) {
      one->notice.conversation = name;
      one->notice.step = std::max({one->notice.step, lead->notice.step, route.step});
      one->notice.pending.clear();
      one->notice.stage.clear();
      one->notice.stage_text.clear();
      one->notice.stage_until = {};
      if (one->notice.told++ == 0) one->notice.first_told = work.now;
      one->notice.last_told = work.now;
      account.cases.changed(*one);
    }
    SENT_TRY(post(work, account, name, transition, std::move(route.channels), lane));
    for (Case* one : cases) look(work, account, *one);
  }
  return {};
}

Result<void> Desk::Impl::flush_group(Work& work, Account& account, const std::string& key) {
  std::vector<Case*> news;
  for (Case* const one : account.cases.waiting(key)) {
    if (!obstacles(account, *one, work.now, 1).empty()) {
      look(work, account, *one);
    } else {
      news.push_back(one);
    }
  }
  if (news.empty()) return {};
  account.flushed[key] = work.now;
  return tell(work, account, news);
}

/// Whether the alert has stopped flapping; the all-clear that was held back then.
Result<void> Desk::Impl::calm_down(Work& work, Account& account, Case& one) {
  auto whole = catalog::find_alert(work.tx, account.id, one.alert.id);
  account.cases.changed(one);
  one.notice.flapping = whole && flaps(*whole, work.now, true);
  if (one.notice.flapping) {
    one.notice.due = std::max(calm_at(*whole, work.now), work.now + kLook);
    return {};
  }
  one.notice.due = {};
  return one.live ? Result<void>() : handle_close(work, account, one);
}

bool Desk::Impl::storming(Account& account, const std::string& lane, Time now) const {
  const AlertingSettings& settings = account.policy.settings;
  std::vector<Time>& messages = account.messages[lane];
  std::erase_if(messages, [&](Time time) { return time <= now - settings.storm_window; });
  return settings.storm_messages > 0 && messages.size() >= settings.storm_messages;
}

/// Above the rate of its lane: the alert goes into the summary. True when that is not due yet.
bool Desk::Impl::joins_storm(Work& work, Account& account, Case& one) {
  const std::string lane = lane_of(account.policy, one.alert);
  if (!storming(account, lane, work.now)) return false;
  catalog::Notice& notice = one.notice;
  notice.group_key = std::string(kStormKey) + lane;
  account.cases.changed(one);
  const auto last = account.flushed.find(notice.group_key);
  if (last == account.flushed.end()) return false;
  const Time next = last->second + account.policy.settings.storm_window;
  if (next <= work.now) return false;
  notice.due = notice.stage_until = next;
  notice.stage = "storm";
  notice.stage_text = "too many messages: it is told in the next summary";
  return true;
}

Result<void> Desk::Impl::flush(Work& work, Account& account) {
  std::set<std::string> ready;
  for (Case* const due : account.cases.due(work.now)) {
    Case& one = *due;
    catalog::Notice& notice = one.notice;
    if (notice.due == Time{} || notice.due > work.now) continue;
    if (notice.flapping && notice.pending != to_string(Transition::flapping)) {
      SENT_TRY(calm_down(work, account, one));
      if (!one.live) continue;
    }
    if (notice.pending.empty() && one.live && notice.stage.empty()) {
      notice.pending = to_string(Transition::reminder);
      account.cases.changed(one);
    }
    look(work, account, one);
    if (notice.due > work.now || !notice.stage.empty() || notice.pending.empty()) continue;
    if (notice.conversation.empty() && joins_storm(work, account, one)) continue;
    ready.insert(notice.group_key);
  }
  for (const std::string& key : ready) SENT_TRY(flush_group(work, account, key));
  return {};
}

/// An hour before a silence ends its owner hears of it, through every channel that takes tickets.
Result<void> Desk::Impl::remind_owners(Work& work, AccountId id, Account& account) {
  for (catalog::PolicyItem& item : account.soon) {
    const bool due = !item.reminded && item.ends > work.now && item.ends - kReminderBefore <= work.now &&
                     item.ends - item.starts > 2 * kReminderBefore;
    if (!due) continue;
    item.reminded = true;
    const auto mute = read_mute(item);
    if (!mute) continue;
    std::size_t hidden = 0;
    for (const auto& [alert_id, one] : account.cases.all())
      hidden += one.live && mute->matchers.match(one.alert);
    Post out;
    out.notification = {Transition::opened, to_text(random_uuid()), next_sequence(work.now),
                        silence_reminder(item, mute->reason, hidden, work.now)};
    out.notification.alert.account = id;
    out.payload = to_json(out.notification.alert);
    work.posts.push_back(std::move(out));
    SENT_TRY(catalog::put_policy(work.tx, item));
    work.changed = true;
  }
  return {};
}

Result<void> Desk::Impl::store(Work& work) {
  for (auto& [id, account] : accounts)
    for (const catalog::Notice& notice : account.cases.settle()) {
      SENT_TRY(catalog::put_notice(work.tx, notice));
      work.changed = true;
    }
  if (!work.posts.empty()) SENT_TRY(notifier.post(work.tx, work.posts, work.now));
  if (!work.changed) return {};
  SENT_TRY_ASSIGN(version, catalog::touch_policy(work.tx));
  return {};
}

std::optional<Time> Desk::Impl::first_due() {
  std::optional<Time> first;
  const auto consider = [&](Time time) {
    if (time != Time{} && (!first || time < *first)) first = time;
  };
  for (auto& [id, account] : accounts) {
    if (const auto due = account.cases.first_due()) consider(*due);
    for (const catalog::PolicyItem& item : account.soon)
      if (!item.reminded) consider(item.ends - kReminderBefore);
  }
  return first;
}

Desk::Desk(Notifier& notifier, std::function<std::string(const Alert&)> to_json)
    : impl_(std::make_unique<Impl>(notifier, std::move(to_json))) {}
Desk::~Desk() = default;

Result<void> Desk::take(catalog::Transaction& tx, const std::vector<Notification>& notifications, Time now) {
  Impl& impl = *impl_;
  Lock lock(impl.mutex);
  SENT_TRY(impl.sync(tx, now));
  SENT_TRY(impl.remember(tx, notifications));
  Impl::Work work{.tx = tx, .now = now};
  for (const Notification& one : notifications) SENT_TRY(impl.handle(work, one));
  for (auto& [id, account] : impl.accounts) {
    if (impl.look_again)
      for (auto& [alert_id, one] : account.cases.all()) impl.look(work, account, one);
    SENT_TRY(impl.flush(work, account));
    SENT_TRY(impl.remind_owners(work, id, account));
  }
  impl.look_again = false;
  SENT_TRY(impl.store(work));
  impl.next_due = impl.first_due();
  return {};
}

void Desk::rolled_back() {
  Lock lock(impl_->mutex);
  impl_->stale = true;
}

void Desk::policy_changed() {
  Lock lock(impl_->mutex);
  impl_->look_again = true;
}

std::optional<Time> Desk::next_due() const {
  Lock lock(impl_->mutex);
  return impl_->stale || impl_->look_again ? std::optional(Time{}) : impl_->next_due;
}

}  // namespace sentinella::notify
