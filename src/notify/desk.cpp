#include "notify/desk.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "catalog/alerting.h"
#include "notify/desk_message.h"
#include "notify/flapping.h"
#include "notify/notifier.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kStormKey = "\x01storm";
constexpr Duration kReminderBefore = std::chrono::hours(1);
/// What a silence's end could change is looked at this much later at the latest.
constexpr Duration kLook = std::chrono::minutes(1);

using Transition = Notification::Transition;

/// An alert under the desk's eyes.
struct Case {
  Alert alert;  ///< without evidence, history and playbook
  catalog::Notice notice;
  bool changed = false;
  bool live = false;
};

Alert thin(Alert alert) {
  alert.evidence.clear();
  alert.history.clear();
  alert.playbook.clear();
  return alert;
}

/// Whether it waits for no group.
bool is_urgent(const Case& one) {
  const std::string& pending = one.notice.pending;
  if (pending == to_string(Transition::update)) return false;
  const bool is_critical = severity_code(one.alert.severity) <= severity_code(AlertSeverity::critical);
  return is_critical || pending == to_string(Transition::severity) ||
         pending == to_string(Transition::flapping) || pending == to_string(Transition::reminder);
}

}  // namespace

struct Desk::Impl {
  Impl(Notifier& n, std::function<std::string(const Alert&)> json) : notifier(n), to_json(std::move(json)) {}

  struct Account {
    AccountId id{};
    Policy policy = {};
    std::map<std::string, Case> cases = {};      ///< by alert id
    std::map<std::string, Time> flushed = {};    ///< last message of each group
    std::vector<Time> messages = {};             ///< of the last storm window
    std::vector<catalog::PolicyItem> soon = {};  ///< silences whose owner may have to be reminded
    std::set<std::string> in_the_way = {};       ///< alerts that kept others from being told
  };
  /// One call of take().
  struct Work {
    catalog::Transaction& tx;
    Time now;
    std::vector<Post> posts = {};
    bool changed = false;
  };

  Result<void> sync(catalog::Transaction& tx, Time now) SENT_REQUIRES(mutex);
  Result<void> handle(Work& work, const Notification& news) SENT_REQUIRES(mutex);
  void release(Work& work, Account& account, const std::string& alert_id) SENT_REQUIRES(mutex);
  Result<void> handle_close(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  Result<void> handle_status(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  std::optional<Obstacle> obstacle(const Account& account, const Case& one, Time now) const
      SENT_REQUIRES(mutex);
  std::optional<Obstacle> inhibited(const Account& account, const Case& one) const SENT_REQUIRES(mutex);
  void look(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  void schedule(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  bool storming(Account& account, Time now) const SENT_REQUIRES(mutex);
  Result<void> calm_down(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  bool joins_storm(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  Result<void> flush(Work& work, Account& account) SENT_REQUIRES(mutex);
  Result<void> flush_group(Work& work, Account& account, const std::string& key) SENT_REQUIRES(mutex);
  Result<void> tell(Work& work, Account& account, const std::vector<Case*>& news) SENT_REQUIRES(mutex);
  Result<void> post(Work& work, Account& account, const std::string& conversation, Transition transition,
                    std::optional<std::set<std::string>> channels) SENT_REQUIRES(mutex);
  std::optional<std::set<std::string>> addressees(const Account& account, Case& one, Time now) const;
  Result<void> remind_owners(Work& work, AccountId id, Account& account) SENT_REQUIRES(mutex);
  Result<void> store(Work& work) SENT_REQUIRES(mutex);
  std::vector<Case*> members(Account& account, const std::string& conversation) SENT_REQUIRES(mutex);
  std::uint64_t next_sequence(Time now) SENT_REQUIRES(mutex) {
    sequence = std::max(sequence + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now.ns / 1000, 0)));
    return sequence;
  }

  Notifier& notifier;
  const std::function<std::string(const Alert&)> to_json;
  mutable Mutex mutex;
  std::uint64_t version SENT_GUARDED_BY(mutex) = 0;
  bool stale SENT_GUARDED_BY(mutex) = true;
  bool look_again SENT_GUARDED_BY(mutex) = false;
  std::uint64_t sequence SENT_GUARDED_BY(mutex) = 0;
  std::map<AccountId, Account> accounts SENT_GUARDED_BY(mutex);
};

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
  for (const Alert& alert : alerts) {
    Case& one = fresh[alert.account].cases[alert.id];
    one = {thin(alert), {}, false, true};
    one.notice.alert_id = alert.id;
    one.notice.account = alert.account;
  }
  for (const catalog::Notice& notice : notices) {
    Case& one = fresh[notice.account].cases[notice.alert_id];
    if (one.alert.id.empty()) {
      SENT_TRY_ASSIGN(Alert alert, catalog::find_alert(tx, notice.account, notice.alert_id));
      one.alert = thin(std::move(alert));
    }
    one.notice = notice;
    Time& flushed = fresh[notice.account].flushed[notice.group_key];
    flushed = std::max(flushed, notice.last_told);
  }
  for (auto& [id, of_account] : by_account) {
    fresh[id].policy = read_policy(of_account);
    for (const auto& item : of_account)
      if (item.kind == "silence" && !item.reminded) fresh[id].soon.push_back(item);
  }
  for (auto& [id, account] : fresh) {
    account.id = id;
    SENT_TRY_ASSIGN(account.messages,
                    catalog::messages_since(tx, id, now - account.policy.settings.storm_window));
  }
  accounts = std::move(fresh);
  version = stored;
  stale = false;
  look_again = true;
  return {};
}

std::vector<Case*> Desk::Impl::members(Account& account, const std::string& conversation) {
  std::vector<Case*> out;
  for (auto& [id, one] : account.cases)
    if (one.notice.conversation == conversation) out.push_back(&one);
  return out;
}

Result<void> Desk::Impl::handle(Work& work, const Notification& news) {
  Account& account = accounts[news.alert.account];
  account.id = news.alert.account;
  Case& one = account.cases[news.alert.id];
  one.alert = thin(news.alert);
  one.live = is_live(news.alert.status);
  one.changed = true;
  catalog::Notice& notice = one.notice;
  const bool flapped = notice.flapping;
  switch (news.transition) {
    case Transition::opened:
    case Transition::reopened:
      if (!flapped) notice = {};
      notice.alert_id = news.alert.id;
      notice.account = news.alert.account;
      notice.group_key = group_key(news.alert, account.policy.settings.group_by);
      notice.flapping = account.policy.settings.flapping && flaps(news.alert, work.now, flapped);
      if (notice.flapping && !flapped) {
        notice.pending = to_string(Transition::flapping);
      } else if (!notice.flapping || notice.told == 0) {
        notice.pending = to_string(news.transition);
      }
      break;
    case Transition::closed:
      return handle_close(work, account, one);
    case Transition::status:
      return handle_status(work, account, one);
    default:
      if (notice.pending.empty()) notice.pending = to_string(news.transition);
  }
  look(work, account, one);
  return {};
}

/// What an alert kept from being told may be, now that it has closed; symptoms get a little time to recover.
void Desk::Impl::release(Work& work, Account& account, const std::string& alert_id) {
  for (auto& [id, other] : account.cases) {
    if (other.notice.stage_id != alert_id || !other.live) continue;
    if (other.notice.stage == "cause") {
      other.notice.stage_until = work.now + account.policy.settings.symptom_grace;
      other.notice.due = other.notice.stage_until;
      other.changed = true;
    } else {
      look(work, account, other);
    }
  }
}

Result<void> Desk::Impl::handle_close(Work& work, Account& account, Case& one) {
  catalog::Notice& notice = one.notice;
  if (account.in_the_way.erase(one.alert.id) > 0) release(work, account, one.alert.id);
  if (notice.flapping) {
    notice.pending.clear();
    notice.due = work.now + kFlapWindow / 4;
    return {};
  }
  notice.due = {};
  if (notice.told == 0) {
    if (notice.stage.empty() || notice.stage == "group") {
      notice.stage = "closed";
      notice.stage_text = "it closed before its turn came";
    }
    notice.pending.clear();
    return {};
  }
  notice.pending.clear();
  notice.stage.clear();
  const auto together = members(account, notice.conversation);
  if (std::ranges::none_of(together, [](const Case* other) { return other->live; }))
    return post(work, account, notice.conversation, Transition::closed, std::nullopt);
  const auto is_told = [](const Case* other) { return other->live && !other->notice.pending.empty(); };
  const auto rest = std::ranges::find_if(together, [](const Case* other) { return other->live; });
  if (std::ranges::none_of(together, is_told)) {
    (*rest)->notice.pending = to_string(Transition::update);
    (*rest)->changed = true;
    look(work, account, **rest);
  }
  return {};
}

Result<void> Desk::Impl::handle_status(Work& work, Account& account, Case& one) {
  look(work, account, one);
  if (one.notice.told == 0) return {};
  return post(work, account, one.notice.conversation, Transition::status, std::nullopt);
}

std::optional<Obstacle> Desk::Impl::inhibited(const Account& account, const Case& one) const {
  for (const Inhibition& rule : account.policy.inhibitions) {
    if (!rule.target.match(one.alert)) continue;
    const bool both = rule.source.match(one.alert);
    for (const auto& [id, source] : account.cases) {
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
  if (settings.fold_symptoms && !alert.cause.empty() && one.notice.told == 0) {
    const auto cause = account.cases.find(alert.cause);
    const bool standing = cause != account.cases.end() && cause->second.live;
    const bool grace = one.notice.stage == "cause" && one.notice.stage_until > now;
    if (standing || grace)
      return Obstacle{
          "cause", alert.cause,
          standing ? "it follows from " + cause->second.alert.event + " on " + cause->second.alert.resource
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
      if (found->stage == "cause" || found->stage == "inhibition") account.in_the_way.insert(found->id);
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
  if (!(notice == before)) one.changed = true;
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
    notice.due = one.alert.receive_time + chain->steps[notice.step].after;
  if (settings.repeat.empty()) return;
  const std::size_t nth = std::min<std::size_t>(notice.told - 1, settings.repeat.size() - 1);
  const Time again = notice.last_told + settings.repeat[nth];
  if (notice.due == Time{} || again < notice.due) notice.due = again;
}

bool Desk::Impl::storming(Account& account, Time now) const {
  const AlertingSettings& settings = account.policy.settings;
  std::erase_if(account.messages, [&](Time time) { return time <= now - settings.storm_window; });
  return settings.storm_messages > 0 && account.messages.size() >= settings.storm_messages;
}

/// Who hears of a page that has an escalation chain; nullopt = every channel that takes its tier.
std::optional<std::set<std::string>> Desk::Impl::addressees(const Account& account, Case& one,
                                                            Time now) const {
  const Escalation* chain = account.policy.escalation(one.alert);
  if (!chain) return std::nullopt;
  std::set<std::string> channels;
  std::size_t step = 0;
  for (; step < chain->steps.size() && one.alert.receive_time + chain->steps[step].after <= now; ++step) {
    const Escalation::Step& at = chain->steps[step];
    channels.insert(at.channels.begin(), at.channels.end());
    const Rota* rota = at.rota.empty() ? nullptr : account.policy.rota(at.rota);
    const Rota::Member* member = rota ? rota->on_call(now) : nullptr;
    if (member && !member->channel.empty()) channels.insert(member->channel);
  }
  one.notice.step = std::max<std::uint64_t>(one.notice.step, step);
  return channels;
}

Result<void> Desk::Impl::post(Work& work, Account& account, const std::string& conversation,
                              Transition transition, std::optional<std::set<std::string>> channels) {
  auto found = catalog::find_alert(work.tx, account.id, conversation);
  if (!found && found.error().code == Errc::kNotFound) return {};  // somebody has removed it
  SENT_TRY_ASSIGN(Alert whole, std::move(found));
  std::vector<const Alert*> together;
  for (const Case* one : members(account, conversation)) together.push_back(&one->alert);
  std::uint64_t symptoms = 0;
  for (const auto& [id, one] : account.cases) symptoms += one.live && one.alert.cause == conversation;
  Post out;
  out.payload = with_company(to_json(whole), together, symptoms);
  out.channels = std::move(channels);
  out.notification = {transition, to_text(random_uuid()), next_sequence(work.now), std::move(whole)};
  for (const Alert* one : together)
    out.notification.alert.tier = std::min(out.notification.alert.tier, one->tier);
  if (transition != Transition::closed && transition != Transition::status)
    account.messages.push_back(work.now);
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
    const std::string name = conversation.empty() ? lead->alert.id : conversation;
    const auto transition = parse_transition(lead->notice.pending).value_or(Transition::opened);
    const auto channels = addressees(account, *lead, work.now);
    for (Case* one : cases) {
      one->notice.conversation = name;
      one->notice.step = std::max(one->notice.step, lead->notice.step);
      one->notice.pending.clear();
      one->notice.stage.clear();
      one->notice.stage_text.clear();
      one->notice.stage_until = {};
      ++one->notice.told;
      one->notice.last_told = work.now;
      one->changed = true;
    }
    SENT_TRY(post(work, account, name, transition, channels));
    for (Case* one : cases) look(work, account, *one);
  }
  return {};
}

Result<void> Desk::Impl::flush_group(Work& work, Account& account, const std::string& key) {
  std::vector<Case*> news;
  for (auto& [id, one] : account.cases) {
    if (one.notice.group_key != key || one.notice.pending.empty()) continue;
    if (obstacle(account, one, work.now)) {
      look(work, account, one);
    } else {
      news.push_back(&one);
    }
  }
  if (news.empty()) return {};
  account.flushed[key] = work.now;
  return tell(work, account, news);
}

/// Whether the alert has stopped flapping; the all-clear that was held back then.
Result<void> Desk::Impl::calm_down(Work& work, Account& account, Case& one) {
  auto whole = catalog::find_alert(work.tx, account.id, one.alert.id);
  one.changed = true;
  one.notice.flapping = whole && flaps(*whole, work.now, true);
  if (one.notice.flapping) {
    one.notice.due = std::max(calm_at(*whole, work.now), work.now + kLook);
    return {};
  }
  one.notice.due = {};
  return one.live ? Result<void>() : handle_close(work, account, one);
}

/// Above the account's rate: the alert goes into the summary. True when that is not due yet.
bool Desk::Impl::joins_storm(Work& work, Account& account, Case& one) {
  if (!storming(account, work.now)) return false;
  catalog::Notice& notice = one.notice;
  notice.group_key = kStormKey;
  one.changed = true;
  const auto last = account.flushed.find(notice.group_key);
  if (last == account.flushed.end()) return false;
  const Time next = last->second + account.policy.settings.storm_window;
  if (next <= work.now) return false;
  notice.due = notice.stage_until = next;
  notice.stage = "group";
  notice.stage_text = "too many messages: it is told in the next summary";
  return true;
}

Result<void> Desk::Impl::flush(Work& work, Account& account) {
  std::set<std::string> ready;
  for (auto& [id, one] : account.cases) {
    catalog::Notice& notice = one.notice;
    if (notice.due == Time{} || notice.due > work.now) continue;
    if (notice.flapping && notice.pending != to_string(Transition::flapping)) {
      SENT_TRY(calm_down(work, account, one));
      if (!one.live) continue;
    }
    if (notice.pending.empty() && one.live && notice.stage.empty())
      notice.pending = to_string(Transition::reminder);
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
    for (const auto& [alert_id, one] : account.cases) hidden += one.live && mute->matchers.match(one.alert);
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
  for (auto& [id, account] : accounts) {
    std::set<std::string> open;  // conversations
    for (const auto& [alert_id, one] : account.cases)
      if (one.live) open.insert(one.notice.conversation);
    for (auto it = account.cases.begin(); it != account.cases.end();) {
      Case& one = it->second;
      if (one.changed) {
        SENT_TRY(catalog::put_notice(work.tx, one.notice));
        one.changed = false;
        work.changed = true;
      }
      const catalog::Notice& notice = one.notice;
      const bool talked_of = !notice.conversation.empty() && open.contains(notice.conversation);
      const bool over = !one.live && !notice.flapping && notice.pending.empty() && !talked_of;
      it = over ? account.cases.erase(it) : std::next(it);
    }
  }
  if (!work.posts.empty()) SENT_TRY(notifier.post(work.tx, work.posts, work.now));
  if (!work.changed) return {};
  SENT_TRY_ASSIGN(version, catalog::touch_policy(work.tx));
  return {};
}

Desk::Desk(Notifier& notifier, std::function<std::string(const Alert&)> to_json)
    : impl_(std::make_unique<Impl>(notifier, std::move(to_json))) {}
Desk::~Desk() = default;

Result<void> Desk::take(catalog::Transaction& tx, const std::vector<Notification>& notifications, Time now) {
  Impl& impl = *impl_;
  Lock lock(impl.mutex);
  SENT_TRY(impl.sync(tx, now));
  Impl::Work work{.tx = tx, .now = now};
  for (const Notification& one : notifications) SENT_TRY(impl.handle(work, one));
  for (auto& [id, account] : impl.accounts) {
    if (impl.look_again)
      for (auto& [alert_id, one] : account.cases) impl.look(work, account, one);
    SENT_TRY(impl.flush(work, account));
    SENT_TRY(impl.remind_owners(work, id, account));
  }
  impl.look_again = false;
  return impl.store(work);
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
  if (impl_->stale || impl_->look_again) return Time{};
  std::optional<Time> next;
  const auto consider = [&](Time time) {
    if (time != Time{} && (!next || time < *next)) next = time;
  };
  for (const auto& [id, account] : impl_->accounts) {
    for (const auto& [alert_id, one] : account.cases) consider(one.notice.due);
    for (const catalog::PolicyItem& item : account.soon)
      if (!item.reminded) consider(item.ends - kReminderBefore);
  }
  return next;
}

Result<Explanation> Desk::explain(catalog::Transaction& tx, const Alert& alert, Time now) {
  Explanation out;
  const auto notice = catalog::find_notice(tx, alert.account, alert.id);
  if (!notice) {
    if (notice.error().code != Errc::kNotFound) return std::unexpected(notice.error());
    return out;
  }
  out.conversation = notice->conversation;
  if (!notice->stage.empty())
    out.why_not.push_back({notice->stage, notice->stage_id, notice->stage_text, notice->stage_until});
  if (notice->due != Time{} && is_live(alert.status)) {
    out.next = std::max(notice->due, now);
    out.next_is = notice->pending.empty() ? "reminder" : notice->pending;
  }
  return out;
}

}  // namespace sentinella::notify
