// Server-sent events (WHATWG HTML, section 9.2) to whoever watches: alerts, states and changes, as they
// happen.
//
// Each account has its own numbered messages; the last 1000 are kept, so that a client which lost its
// connection resumes with Last-Event-ID ("<epoch>-<seq>") and misses nothing. When that is impossible (too
// long ago, or the server was restarted) it is told `resync` and reads everything afresh.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "model/account.h"
#include "model/alert.h"
#include "model/event.h"
#include "net/http.h"
#include "rules/live_state.h"

namespace sentinella::api {

/// Bits of a subscription.
enum Topic : unsigned { kAlerts = 1, kState = 2, kChanges = 4, kAllTopics = 7 };

/// Thread-safe. Publishing never blocks on a reader: a slow one is cut by its StreamWriter.
class LiveStream {
 public:
  static constexpr std::size_t kKept = 1000;

  explicit LiveStream(std::string epoch);
  ~LiveStream();  ///< stops the heartbeat, closes every stream

  /// Begins a heartbeat comment every `interval` on a thread of its own.
  void start_heartbeat(Duration interval = std::chrono::seconds(15));

  /// `transition`: opened, severity, reopened, closed (model/alert.h), or ack, unack, note.
  void publish_alert(const Alert& alert, std::string_view transition);
  void publish_state(AccountId account, const rules::ServiceState& state);
  void publish_node(AccountId account, const rules::NodeState& state);
  void publish_change(AccountId account, const Event& event);
  /// publish_state and publish_node for what differs from the last call for this account.
  void publish_states(AccountId account, const std::vector<rules::ServiceState>& services,
                      const std::vector<rules::NodeState>& nodes);

  struct Subscription {
    AccountId account{};
    unsigned topics = kAllTopics;
    std::string last_event_id;  ///< "" = from now on
    /// Asked at every heartbeat; false ends the stream: the credentials are gone.
    std::function<bool()> still_allowed;
  };
  void subscribe(Subscription subscription, std::shared_ptr<net::StreamWriter> writer);

  /// One round of heartbeats; drops streams that have ended.
  void heartbeat();
  std::size_t subscribers() const;
  const std::string& epoch() const { return epoch_; }

 private:
  struct Message {
    std::uint64_t sequence = 0;
    unsigned topic = 0;
    std::string text;  ///< the whole frame
  };
  struct Subscriber {
    Subscription subscription;
    std::shared_ptr<net::StreamWriter> writer;
  };
  struct Feed {
    std::uint64_t last_sequence = 0;
    std::deque<Message> kept;
    std::vector<std::shared_ptr<Subscriber>> subscribers;
    std::map<std::string, std::string> states;  ///< what publish_states said last, by host and service
  };
  bool wait(Duration interval);  ///< false: shutting down
  void publish(AccountId account, unsigned topic, std::string_view event, const std::string& json);
  void publish_locked(Feed& feed, unsigned topic, std::string_view event, const std::string& json)
      SENT_REQUIRES(mutex_);
  std::string replay(const Feed& feed, const Subscription& subscription) const SENT_REQUIRES(mutex_);

  const std::string epoch_;
  mutable Mutex mutex_;
  std::map<AccountId, Feed> feeds_ SENT_GUARDED_BY(mutex_);
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  CondVar wake_;
  std::thread timer_;
};

}  // namespace sentinella::api
