#include "notify/notifier.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/log.h"
#include "catalog/policy.h"
#include "notify/addressing.h"
#include "notify/alert_summary.h"
#include "notify/channel.h"
#include "notify/heartbeat.h"
#include "notify/notifier_impl.h"
#include "notify/outbox_plan.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kLog = "notify.notifier";
/// An entry that was never committed is forgotten after this.
constexpr auto kUncommitted = std::chrono::minutes(1);
/// The back-off of a record that cannot be written grows only so often: the rest of its alert waits behind
/// it.
constexpr std::uint32_t kRecordBackOffs = 5;

/// How long the channel gathers what may wait.
Duration digest_of(const catalog::Channel& channel) {
  if (channel.kind != "smtp") return {};
  const auto made = make_channel(channel.kind, channel.settings);
  return made ? (*made)->digest() : Duration{};
}

/// A process that died may have sent whatever was due, and not what was held back for a digest.
bool may_have_been_sent(const catalog::OutboxEntry& entry, Time now) {
  return entry.attempts > 0 || entry.next_attempt <= std::max(entry.created, now);
}

bool is_permanent(Errc code) {
  return code == Errc::kInvalid || code == Errc::kForbidden || code == Errc::kNotFound;
}

}  // namespace

Worker& Notifier::Impl::worker_for(const catalog::Channel& channel) {
  auto& worker = workers[channel.id];
  if (worker) {
    worker->changed |= worker->config.kind != channel.kind || worker->config.settings != channel.settings;
    worker->config = channel;
    worker->wake.notify_all();
    return *worker;
  }
  worker = std::make_unique<Worker>();
  worker->config = channel;
  worker->thread = std::thread([this, &it = *worker] { run(it); });
  return *worker;
}

Result<void> Notifier::Impl::reload() {
  Lock one_at_a_time(reloading);
  std::vector<catalog::Channel> channels;
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(channels, catalog::list_channels(tx, std::nullopt));
    return {};
  }));
  Lock lock(mutex);
  std::set<std::string> present;
  for (const catalog::Channel& channel : channels) {
    present.insert(channel.id);
    worker_for(channel);
  }
  for (auto it = workers.begin(); it != workers.end();) {
    if (present.contains(it->first)) {
      ++it;
      continue;
    }
    // It may hang in a request: it is joined when we end, not here.
    it->second->stop = true;
    it->second->wake.notify_all();
    retired.push_back(std::move(it->second));
    it = workers.erase(it);
  }
  return {};
}

Result<void> Notifier::Impl::load() {
  SENT_TRY(reload());
  std::vector<catalog::OutboxEntry> pending;
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(pending, catalog::pending_outbox(tx));
    return {};
  }));
  Lock lock(mutex);
  for (catalog::OutboxEntry& entry : pending) {
    const auto worker = workers.find(entry.channel_id);
    if (worker == workers.end()) continue;
    const bool attempted = may_have_been_sent(entry, clock.now());
    worker->second->queue.push({std::move(entry), attempted, false, 0, {}});
    worker->second->wake.notify_all();
  }
  dispatcher = std::thread([this] { dispatch(); });
  return {};
}

Result<void> Notifier::Impl::post(catalog::Transaction& tx, const Post& post,
                                  const std::vector<catalog::Channel>& channels, Time now) {
  const Notification& notification = post.notification;
  const Alert& alert = notification.alert;
  SENT_TRY_ASSIGN(const auto deliveries, catalog::deliveries_of_alert(tx, alert.account, alert.id));
  std::string payload = post.payload;
  const std::set<std::string> told = receivers(channels, alert, post.channels);
  Lock lock(mutex);
  for (const catalog::Channel& channel : channels) {
    if (notification.transition == Notification::Transition::status && !follows_status(channel.kind))
      continue;
    const auto worker = workers.find(channel.id);
    const auto waiting = [&](const catalog::OutboxEntry& entry) {
      return worker == workers.end() ? nullptr : worker->second->queue.find(entry.delivery_id);
    };
    std::vector<catalog::OutboxEntry> earlier;
    for (const catalog::OutboxEntry& entry : deliveries) {
      if (entry.channel_id != channel.id) continue;
      earlier.push_back(entry);
      const Delivery* delivery = waiting(entry);
      if (delivery && delivery->unrecorded > 0) earlier.back().state = delivery->entry.state;
    }
    OutboxPlan plan = plan_outbox(std::move(earlier), notification.transition, told.contains(channel.id),
                                  [&](const catalog::OutboxEntry& entry) {
                                    const Delivery* delivery = waiting(entry);
                                    return entry.attempts == 0 && (!delivery || !delivery->attempted);
                                  });
    if (plan.transition.empty()) continue;
    for (catalog::OutboxEntry& entry : plan.superseded) {
      if (Delivery* delivery = waiting(entry)) {
        delivery->claimed = true;
        delivery->entry.next_attempt = std::min(delivery->entry.next_attempt, now);
      } else {
        claimed_on_the_way.insert({entry.delivery_id, entry.channel_id});
      }
      entry.state = "superseded";
      SENT_TRY(catalog::update_outbox(tx, entry));
    }
    if (payload.empty()) payload = to_json(alert);
    catalog::OutboxEntry entry;
    entry.delivery_id = notification.delivery_id;
    entry.account = alert.account;
    entry.channel_id = channel.id;
    entry.alert_id = alert.id;
    entry.sequence = notification.sequence;
    entry.transition = plan.transition;
    entry.lane = post.lane;
    entry.payload = payload;
    entry.state = plan.state;
    entry.created = entry.next_attempt = now;
    if (const Duration span = digest_of(channel); span > Duration{} && alert.tier != Tier::page)
      entry.next_attempt = digest_time(now, span);
    SENT_TRY(catalog::insert_outbox(tx, entry));
    if (entry.state == "pending") staged.push_back({std::move(entry), std::chrono::steady_clock::now()});
  }
  return {};
}

void Notifier::Impl::dispatch() {
  mutex.lock();
  while (!stopping) {
    if (!woken && staged.empty()) {
      dispatch_wake.wait(mutex);
      continue;
    }
    // What the database could not tell last time is asked again.
    if (!woken) dispatch_wake.wait_for(mutex, 1s);
    if (stopping) break;
    woken = false;
    mutex.unlock();
    take_in_staged();
    mutex.lock();
  }
  mutex.unlock();
}

/// Moves staged entries whose transaction was committed to their workers. Which were, only the database
/// knows.
void Notifier::Impl::take_in_staged() {
  std::vector<Staged> fresh;
  {
    Lock lock(mutex);
    fresh.swap(staged);
  }
  std::map<std::pair<std::string, std::string>, std::string> states;  // (delivery, channel) -> state
  const auto read = database.read([&](catalog::Transaction& tx) -> Result<void> {
    std::set<std::string> seen;
    for (const Staged& one : fresh) {
      if (!seen.insert(one.entry.alert_id).second) continue;
      SENT_TRY_ASSIGN(const auto entries,
                      catalog::deliveries_of_alert(tx, one.entry.account, one.entry.alert_id));
      for (const catalog::OutboxEntry& entry : entries)
        states[{entry.delivery_id, entry.channel_id}] = entry.state;
    }
    return {};
  });
  if (!read) log::error(kLog, "cannot read the outbox: {}", describe(read.error()));
  const bool unknown_channel = [&] {
    Lock lock(mutex);
    return std::ranges::any_of(fresh,
                               [&](const Staged& one) { return !workers.contains(one.entry.channel_id); });
  }();
  if (unknown_channel)
    if (const auto reloaded = reload(); !reloaded)
      log::warning("notify", "cannot read the channels; what is new in the outbox waits: {}",
                   describe(reloaded.error()));
  Lock lock(mutex);
  for (Staged& one : fresh) {
    const std::pair id(one.entry.delivery_id, one.entry.channel_id);
    const auto state = states.find(id);
    const bool young = std::chrono::steady_clock::now() - one.since < kUncommitted;
    if (state == states.end() && (!read || young)) {
      staged.push_back(std::move(one));
      continue;
    }
    const bool claimed = claimed_on_the_way.erase(id) > 0;
    if (claimed) one.entry.next_attempt = one.entry.created;
    const auto worker = workers.find(one.entry.channel_id);
    if (state == states.end() || state->second != "pending" || worker == workers.end()) continue;
    worker->second->queue.push({std::move(one.entry), false, claimed, 0, {}});
    worker->second->wake.notify_all();
  }
}

void Notifier::Impl::run(Worker& worker) {
  Result<std::unique_ptr<Channel>> channel = fail(Errc::kInternal, "not made yet");
  mutex.lock();
  while (!worker.stop) {
    if (std::exchange(worker.changed, false))
      channel = make_channel(worker.config.kind, worker.config.settings);
    const Time now = clock.now();
    std::optional<Time> next;
    const auto place = worker.queue.pick(now, worker.config.enabled, next);
    const bool gathers = channel && (*channel)->digest() > Duration{};
    if (place != worker.queue.end() && gathers && !place->claimed && place->unrecorded == 0 &&
        may_wait(place->entry)) {
      attempt_together(worker, **channel);
    } else if (place != worker.queue.end()) {
      attempt(worker, place, channel);
    } else if (next) {
      worker.wake.wait_for(mutex, std::clamp<Duration>(*next - now, 1ms, std::chrono::minutes(1)));
    } else {
      worker.wake.wait(mutex);
    }
  }
  mutex.unlock();
}

/// Leaves the mutex while it sends and writes; the delivery stays in the queue and is ours meanwhile.
void Notifier::Impl::attempt(Worker& worker, DeliveryQueue::Place place,
                             Result<std::unique_ptr<Channel>>& channel) {
  if (place->claimed) return ask(worker, place);
  catalog::OutboxEntry entry = place->entry;
  const bool again = entry.attempts > 0;
  const bool sent = place->unrecorded > 0;
  const std::uint32_t unrecorded = std::min(place->unrecorded + 1, kRecordBackOffs);
  place->attempted = true;
  // A channel that was disabled for days has not failed for days.
  if (place->since == Time{}) place->since = entry.attempts == 0 ? clock.now() : entry.created;
  const Time since = place->since;
  const std::string name = worker.config.name;
  const bool follows = follows_status(worker.config.kind);
  mutex.unlock();
  std::optional<catalog::DeliveryAttempt> tried;
  if (!sent) tried = send(entry, channel, name, since, follows);
  const bool recorded = record(entry, tried);
  if (!recorded && entry.state != "pending") entry.next_attempt = clock.now() + back_off(unrecorded);
  mutex.lock();
  if (entry.state == "pending") {
    place->entry = std::move(entry);
  } else if (!recorded) {
    // Out of the queue it would pass for unsent, and its end would never be told.
    place->entry = std::move(entry);
    place->unrecorded = unrecorded;
  } else {
    worker.queue.erase(place);
    if (again && entry.state == "delivered") worker.queue.hurry(clock.now());
  }
}

/// Whether the transaction that claimed the delivery was committed. Leaves the mutex meanwhile.
void Notifier::Impl::ask(Worker& worker, DeliveryQueue::Place place) {
  const catalog::OutboxEntry entry = place->entry;
  mutex.unlock();
  const auto state = state_of(entry);
  mutex.lock();
  if (state && *state == "pending") {
    place->claimed = false;  // that transaction was rolled back
  } else if (state) {
    worker.queue.erase(place);
  } else {
    place->entry.next_attempt = clock.now() + options.first_retry;
  }
}

Message Notifier::Impl::message_of(const catalog::OutboxEntry& entry) const {
  return {entry.delivery_id,
          entry.sequence,
          entry.attempts + 1,
          entry.transition,
          entry.payload,
          link_to(options.public_url, entry.alert_id, summarise(entry.payload)),
          ""};
}

/// `since`: when the channel first tried.
catalog::DeliveryAttempt Notifier::Impl::send(catalog::OutboxEntry& entry,
                                              Result<std::unique_ptr<Channel>>& channel,
                                              std::string_view channel_name, Time since, bool follows) {
  Message message = message_of(entry);
  if (follows) {
    const auto read = database.read([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(message.last_answer,
                      catalog::last_answer(tx, entry.account, entry.channel_id, entry.alert_id));
      return {};
    });
    if (!read) log::warning(kLog, "cannot read what was sent before: {}", describe(read.error()));
  }
  const Time begin = clock.now();
  const auto answer = channel ? (*channel)->deliver(message) : std::unexpected(channel.error());
  settle(entry, answer, channel_name, since);
  return {entry.delivery_id,
          entry.channel_id,
          entry.account,
          entry.attempts,
          begin,
          clock.now() - begin,
          answer.has_value(),
          (answer ? *answer : answer.error().message).substr(0, 1000)};
}

/// Notes in the entry what came of an attempt.
void Notifier::Impl::settle(catalog::OutboxEntry& entry, const Result<std::string>& result,
                            std::string_view channel_name, Time since) {
  const Time now = clock.now();
  ++entry.attempts;
  if (result) {
    entry.state = "delivered";
    entry.delivered = now;
    entry.last_error.clear();
  } else {
    entry.last_error = result.error().message.substr(0, 1000);
    entry.next_attempt = now + back_off(entry.attempts);
    if (is_permanent(result.error().code) || entry.next_attempt - since > options.give_up_after)
      entry.state = "failed";
    log::warning(kLog, "channel {}, alert {} {}, attempt {}: {}{}", channel_name, entry.alert_id,
                 entry.transition, entry.attempts, entry.last_error,
                 entry.state == "failed" ? "; given up" : "");
  }
}

/// False: to be written again; a restart before that sends again under the same id. A row that is gone needs
/// no record.
bool Notifier::Impl::record(const catalog::OutboxEntry& entry,
                            const std::optional<catalog::DeliveryAttempt>& tried) {
  const auto written = database.write([&](catalog::Transaction& tx) -> Result<void> {
    if (tried) SENT_TRY(catalog::insert_attempt(tx, *tried));
    return catalog::update_outbox(tx, entry);
  });
  if (written || written.error().code == Errc::kNotFound) return true;
  log::error(kLog, "cannot record delivery {}: {}", entry.delivery_id, describe(written.error()));
  return false;
}

/// Asked as a writer: whoever had the entry in an open transaction is done then.
Result<std::string> Notifier::Impl::state_of(const catalog::OutboxEntry& entry) const {
  std::string state = "superseded";
  SENT_TRY(database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto entries, catalog::deliveries_of_alert(tx, entry.account, entry.alert_id));
    for (const catalog::OutboxEntry& one : entries)
      if (one.delivery_id == entry.delivery_id && one.channel_id == entry.channel_id) state = one.state;
    return {};
  }));
  return state;
}

/// Doubles from first_retry to max_retry; of that a random half to whole, so that many do not come back at
/// once.
Duration Notifier::Impl::back_off(std::uint32_t attempts) {
  Duration wait = options.first_retry;
  for (std::uint32_t i = 1; i < attempts && wait < options.max_retry; ++i) wait *= 2;
  wait = std::min(wait, options.max_retry);
  Lock lock(mutex);
  return wait / 2 + Duration(std::uniform_int_distribution<std::int64_t>(0, wait.count() / 2)(jitter));
}

void Notifier::Impl::stop() {
  std::vector<std::unique_ptr<Worker>> all;
  {
    Lock lock(mutex);
    stopping = true;
    dispatch_wake.notify_all();
  }
  if (dispatcher.joinable()) dispatcher.join();
  {
    Lock lock(mutex);
    all = std::move(retired);
    for (auto& [id, worker] : workers) all.push_back(std::move(worker));
    workers.clear();
    for (auto& worker : all) {
      worker->stop = true;
      worker->wake.notify_all();
    }
  }
  for (auto& worker : all) worker->thread.join();
}

Notifier::Notifier() = default;
Notifier::~Notifier() {
  if (impl_) impl_->stop();
}

Result<std::unique_ptr<Notifier>> Notifier::create(catalog::Database& database, const Clock& clock,
                                                   std::function<std::string(const Alert&)> to_json,
                                                   NotifierOptions options) {
  while (options.public_url.ends_with('/')) options.public_url.pop_back();
  std::unique_ptr<Notifier> notifier(new Notifier());
  notifier->impl_ = std::make_unique<Impl>(database, clock, std::move(to_json), std::move(options));
  SENT_TRY(notifier->impl_->load());
  return notifier;
}

Result<void> Notifier::enqueue(catalog::Transaction& tx, const std::vector<Notification>& notifications,
                               Time now) {
  std::vector<Post> posts;
  for (const Notification& notification : notifications) posts.push_back({notification});
  return post(tx, posts, now);
}

Result<void> Notifier::post(catalog::Transaction& tx, const std::vector<Post>& posts, Time now) {
  std::map<AccountId, std::vector<catalog::Channel>> channels;
  for (const Post& one : posts) {
    const AccountId account = one.notification.alert.account;
    if (!channels.contains(account)) {
      SENT_TRY_ASSIGN(channels[account], catalog::list_channels(tx, account));
    }
    SENT_TRY(impl_->post(tx, one, channels[account], now));
  }
  return {};
}

void Notifier::wake() {
  Lock lock(impl_->mutex);
  impl_->woken = true;
  impl_->dispatch_wake.notify_all();
}

void Notifier::reload_channels() {
  if (const auto done = impl_->reload(); !done)
    log::error(kLog, "cannot read the channels: {}", describe(done.error()));
}

/// A message about nothing, so that a channel can prove itself.
Message Notifier::Impl::trial(AccountId account, const std::string& transition, std::string text) {
  Alert alert;
  alert.id = alert.event = transition;
  alert.account = account;
  alert.environment = "Test";
  alert.resource = "sentinella";
  alert.severity = AlertSeverity::informational;
  alert.tier = Tier::info;
  alert.text = std::move(text);
  alert.create_time = alert.receive_time = alert.last_receive_time = alert.update_time = clock.now();
  return {to_text(random_uuid()), 0, 1, transition, to_json(alert), options.public_url, ""};
}

Result<std::string> Notifier::test(AccountId account, const std::string& channel_id) {
  catalog::Channel config;
  SENT_TRY(impl_->database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(config, catalog::find_channel(tx, account, channel_id));
    return {};
  }));
  const Message message = impl_->trial(account, "test", "This is a test of this channel. Nothing is wrong.");
  return impl_->prove(config, message, false);
}

/// Delivers a message that is in no outbox, and notes the attempt: a success always, a failure on request.
Result<std::string> Notifier::Impl::prove(const catalog::Channel& config, const Message& message,
                                          bool note_failure) {
  const Time begin = clock.now();
  const auto channel = make_channel(config.kind, config.settings);
  auto said = channel ? (*channel)->deliver(message) : std::unexpected(channel.error());
  if (!said && !note_failure) return said;
  const catalog::DeliveryAttempt attempt{message.delivery_id,
                                         config.id,
                                         config.account,
                                         1,
                                         begin,
                                         clock.now() - begin,
                                         said.has_value(),
                                         (said ? *said : said.error().message).substr(0, 1000)};
  const auto written =
      database.write([&](catalog::Transaction& tx) { return catalog::insert_attempt(tx, attempt); });
  if (!written) log::error(kLog, "cannot record a test message: {}", describe(written.error()));
  return said;
}

void Notifier::heartbeat() {
  std::vector<catalog::Channel> channels;
  const auto read = impl_->database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(channels, catalog::list_channels(tx, std::nullopt));
    return {};
  });
  if (!read) log::error(kLog, "cannot read the channels: {}", describe(read.error()));
  for (const catalog::Channel& config : channels) {
    if (config.kind != kHeartbeatKind || !config.enabled) continue;
    const auto channel = make_channel(config.kind, config.settings);
    const auto said = channel ? (*channel)->deliver({}) : std::unexpected(channel.error());
    if (!said) log::warning(kLog, "heartbeat {}: {}", config.name, describe(said.error()));
  }
}

std::vector<std::pair<AccountId, std::string>> Notifier::canary(Duration interval) {
  std::vector<catalog::Channel> due;
  const Time now = impl_->clock.now();
  const auto read = impl_->database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto channels, catalog::list_channels(tx, std::nullopt));
    for (const catalog::Channel& channel : channels) {
      SENT_TRY_ASSIGN(const Time last, catalog::last_success(tx, channel.account, channel.id));
      const bool is_heartbeat = channel.kind == kHeartbeatKind;
      if (channel.enabled && !is_heartbeat && last + interval <= now) due.push_back(channel);
    }
    return {};
  });
  if (!read) log::error(kLog, "cannot read the channels: {}", describe(read.error()));
  std::vector<std::pair<AccountId, std::string>> failed;
  for (const catalog::Channel& config : due) {
    const Message message = impl_->trial(config.account, "canary", "This channel works. Nothing is wrong.");
    if (!impl_->prove(config, message, true)) failed.emplace_back(config.account, config.name);
  }
  return failed;
}

}  // namespace sentinella::notify
