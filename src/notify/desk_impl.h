// What the files of the desk share: desk.cpp (who is told what), desk_stages.cpp (what stands in the way).
#pragma once

#include <map>
#include <set>

#include "base/mutex.h"
#include "notify/desk.h"
#include "notify/desk_cases.h"
#include "notify/notifier.h"

namespace sentinella::notify {

inline constexpr std::string_view kWaitsForGroup = "it waits for others to be told together with";

struct Desk::Impl {
  using Transition = Notification::Transition;

  Impl(Notifier& n, std::function<std::string(const Alert&)> json) : notifier(n), to_json(std::move(json)) {}

  struct Account {
    AccountId id{};
    Policy policy = {};
    Cases cases = {};
    std::map<std::string, Time> flushed = {};                ///< last message of each group
    std::map<std::string, std::vector<Time>> messages = {};  ///< of the last storm window, by lane
    std::vector<catalog::PolicyItem> soon = {};              ///< silences whose owner may have to be reminded
  };
  /// Whom an alert is for.
  struct Route {
    std::string by = {}, name = {};                      ///< as Receivers
    std::optional<std::set<std::string>> channels = {};  ///< ids; nullopt = all that take its tier
    std::vector<std::string> unmanned = {};              ///< names of rotas that nobody is reached through
    std::uint64_t step = 0;                              ///< of the escalation chain, the next
  };
  /// One call of take().
  struct Work {
    catalog::Transaction& tx;
    Time now;
    std::vector<Post> posts = {};
    bool changed = false;
  };

  Result<void> sync(catalog::Transaction& tx, Time now) SENT_REQUIRES(mutex);
  Result<void> remember(catalog::Transaction& tx, const std::vector<Notification>& notifications)
      SENT_REQUIRES(mutex);
  Result<void> handle(Work& work, const Notification& news) SENT_REQUIRES(mutex);
  void release(Work& work, Account& account, const std::string& alert_id) SENT_REQUIRES(mutex);
  void hold_again(Work& work, Account& account, const std::string& alert_id) SENT_REQUIRES(mutex);
  Result<void> handle_close(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  Result<void> handle_status(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  void adopt(const Account& account, Case& one, const Alert& alert) const;
  std::vector<Obstacle> obstacles(const Account& account, const Case& one, Time now, std::size_t most) const
      SENT_REQUIRES(mutex);
  std::optional<Obstacle> inhibited(const Account& account, const Inhibition& rule, const Case& one) const
      SENT_REQUIRES(mutex);
  Time ready_at(const Account& account, const Case& one, Time now) const SENT_REQUIRES(mutex);
  void look(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  void schedule(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  bool storming(Account& account, const std::string& lane, Time now) const SENT_REQUIRES(mutex);
  Result<void> calm_down(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  bool joins_storm(Work& work, Account& account, Case& one) SENT_REQUIRES(mutex);
  Result<void> flush(Work& work, Account& account) SENT_REQUIRES(mutex);
  Result<void> flush_group(Work& work, Account& account, const std::string& key) SENT_REQUIRES(mutex);
  Result<void> tell(Work& work, Account& account, const std::vector<Case*>& news) SENT_REQUIRES(mutex);
  Result<void> post(Work& work, Account& account, const std::string& conversation, Transition transition,
                    std::optional<std::set<std::string>> channels, const std::string& lane = {})
      SENT_REQUIRES(mutex);
  Route route_of(const Account& account, const Case& one, Time now) const;
  void explain_case(const Account& account, const Case& one, Time now, Explanation& out) const
      SENT_REQUIRES(mutex);
  Result<void> remind_owners(Work& work, AccountId id, Account& account) SENT_REQUIRES(mutex);
  Result<void> store(Work& work) SENT_REQUIRES(mutex);
  std::optional<Time> first_due() SENT_REQUIRES(mutex);
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
  std::optional<Time> next_due SENT_GUARDED_BY(mutex);  ///< the first due of all cases and reminders
};

}  // namespace sentinella::notify
