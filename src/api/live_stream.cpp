#include "api/live_stream.h"

#include <algorithm>
#include <optional>

#include "alerts/alert_engine.h"
#include "api/native/render.h"
#include "base/json.h"
#include "base/text.h"

namespace sentinella::api {
namespace {

constexpr std::size_t kMaxReplayBytes = 512u << 10;

std::string frame(std::string_view event, const std::string& data) {
  return fmt::format("event: {}\ndata: {}\n\n", event, data);
}

/// The sequence in "<epoch>-<seq>" when the epoch is ours.
std::optional<std::uint64_t> sequence_of(std::string_view id, std::string_view epoch) {
  if (!id.starts_with(epoch) || id.size() <= epoch.size() || id[epoch.size()] != '-') return std::nullopt;
  return parse_uint(id.substr(epoch.size() + 1));
}

}  // namespace

LiveStream::LiveStream(std::string epoch) : epoch_(std::move(epoch)) {}

LiveStream::~LiveStream() {
  {
    Lock lock(mutex_);
    stopping_ = true;
    for (auto& [account, feed] : feeds_)
      for (const auto& subscriber : feed.subscribers) subscriber->writer->close();
  }
  wake_.notify_all();
  if (timer_.joinable()) timer_.join();
}

void LiveStream::start_heartbeat(Duration interval) {
  timer_ = std::thread([this, interval] {
    while (wait(interval)) heartbeat();
  });
}

bool LiveStream::wait(Duration interval) {
  const auto due = std::chrono::steady_clock::now() + interval;
  Lock lock(mutex_);
  while (!stopping_)
    if (wake_.wait_until(mutex_, due) == std::cv_status::timeout) break;
  return !stopping_;
}

void LiveStream::publish_alert(const Alert& alert, std::string_view transition) {
  std::string json = alerts::to_json(alert, false);
  json.pop_back();
  json += fmt::format(R"(,"transition":"{}"}})", transition);
  publish(alert.account, kAlerts, "alert", json);
}

void LiveStream::publish_state(AccountId account, const rules::ServiceState& state) {
  publish(account, kState, "state", native::service_json(state));
}

void LiveStream::publish_node(AccountId account, const rules::NodeState& state) {
  publish(account, kState, "node", native::node_state_json(state));
}

void LiveStream::publish_change(AccountId account, const Event& event) {
  publish(account, kChanges, "change", native::event_json(event));
}

void LiveStream::publish_states(AccountId account, const std::vector<rules::ServiceState>& services,
                                const std::vector<rules::NodeState>& nodes) {
  Lock lock(mutex_);
  Feed& feed = feeds_[account];
  const auto say = [&](const std::string& key, std::string_view event, const std::string& what,
                       const std::string& json) SENT_REQUIRES(mutex_) {
    auto& last = feed.states[key];
    if (last == what) return;
    last = what;
    publish_locked(feed, kState, event, json);
  };
  for (const auto& state : services) {
    const auto json = native::service_json(state);
    say(state.host + '\n' + state.service, "state", json, json);
  }
  for (const auto& state : nodes) {
    // Every heartbeat moves last_seen; that alone is no news.
    const auto what = fmt::format("{} {}", static_cast<int>(state.status), state.since.ns);
    say(state.host, "node", what, native::node_state_json(state));
  }
}

void LiveStream::publish(AccountId account, unsigned topic, std::string_view event, const std::string& json) {
  Lock lock(mutex_);
  publish_locked(feeds_[account], topic, event, json);
}

void LiveStream::publish_locked(Feed& feed, unsigned topic, std::string_view event, const std::string& json) {
  const auto sequence = ++feed.last_sequence;
  Message message{sequence, topic, fmt::format("id: {}-{}\n{}", epoch_, sequence, frame(event, json))};
  for (const auto& subscriber : feed.subscribers)
    if ((subscriber->subscription.topics & topic) != 0) subscriber->writer->write(message.text);
  feed.kept.push_back(std::move(message));
  if (feed.kept.size() > kKept) feed.kept.pop_front();
}

std::string LiveStream::replay(const Feed& feed, const Subscription& subscription) const {
  if (subscription.last_event_id.empty()) return {};
  auto resync = fmt::format("id: {}-{}\n{}", epoch_, feed.last_sequence, frame("resync", "{}"));
  const auto seen = sequence_of(subscription.last_event_id, epoch_);
  const auto first_kept = feed.last_sequence - feed.kept.size() + 1;
  if (!seen || *seen > feed.last_sequence || *seen + 1 < first_kept) return resync;
  std::string missed;
  for (const auto& message : feed.kept)
    if (message.sequence > *seen && (message.topic & subscription.topics) != 0) missed += message.text;
  // A stream that starts with more than it may be behind would be cut at once, again and again.
  return missed.size() <= kMaxReplayBytes ? missed : resync;
}

void LiveStream::subscribe(Subscription subscription, std::shared_ptr<net::StreamWriter> writer) {
  Lock lock(mutex_);
  if (stopping_) return writer->close();
  Feed& feed = feeds_[subscription.account];
  const auto missed = replay(feed, subscription);
  JsonWriter hello;
  hello.object().field("epoch", epoch_).field("seq", feed.last_sequence).end();
  std::string greeting = "retry: 2000\n";
  // Without messages to come, hello itself is the place to resume from.
  if (missed.empty()) greeting += fmt::format("id: {}-{}\n", epoch_, feed.last_sequence);
  if (!writer->write(greeting + frame("hello", hello.str()) + missed)) return;
  feed.subscribers.push_back(std::make_shared<Subscriber>(std::move(subscription), std::move(writer)));
}

void LiveStream::heartbeat() {
  std::vector<std::shared_ptr<Subscriber>> all;
  {
    Lock lock(mutex_);
    for (auto& [account, feed] : feeds_) {
      std::erase_if(feed.subscribers, [](const auto& subscriber) { return !subscriber->writer->open(); });
      all.insert(all.end(), feed.subscribers.begin(), feed.subscribers.end());
    }
  }
  // Outside the lock: asking may read the catalogue.
  for (const auto& subscriber : all) {
    const auto& allowed = subscriber->subscription.still_allowed;
    if (allowed && !allowed())
      subscriber->writer->close();
    else
      subscriber->writer->write(": heartbeat\n\n");
  }
}

std::size_t LiveStream::subscribers() const {
  Lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [account, feed] : feeds_)
    count += static_cast<std::size_t>(
        std::ranges::count_if(feed.subscribers, [](const auto& s) { return s->writer->open(); }));
  return count;
}

}  // namespace sentinella::api
