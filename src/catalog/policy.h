// What operators lay down about alerting: silences, maintenance, rotas ... Each is a JSON document of its
// kind, which its user (notify/policy.h) reads; what statements ask for has columns.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

struct PolicyItem {
  AccountId account{};
  std::string kind;  ///< "silence", "maintenance", "blackout", "inhibition", "rota", "escalation",
                     ///< "settings", "trial", "status_page"
  std::string id;    ///< unique in account and kind
  Time starts;
  Time ends;  ///< zero = never
  std::string body;
  Time created;
  std::string created_by;
  bool reminded = false;  ///< its owner was told that it ends soon
};

/// Inserts or replaces; touches the policy.
Result<void> put_policy(Transaction& tx, const PolicyItem& item);
/// Of one account (nullopt = of all) and kind ("" = every kind), oldest first.
Result<std::vector<PolicyItem>> list_policy(Transaction& tx, std::optional<AccountId> account,
                                            const std::string& kind);
/// kNotFound "no such <kind>".
Result<PolicyItem> find_policy(Transaction& tx, AccountId account, const std::string& kind,
                               const std::string& id);
Result<void> delete_policy(Transaction& tx, AccountId account, const std::string& kind,
                           const std::string& id);
/// Removes what ended before `before`.
Result<void> expire_policy(Transaction& tx, Time before);

/// Another random number after every change of policy or notices, so that a copy in memory knows when it is
/// stale. touch_policy() draws the next.
Result<std::uint64_t> policy_version(Transaction& tx);
Result<std::uint64_t> touch_policy(Transaction& tx);

/// What was told of one alert, what will be, and what stands in the way.
struct Notice {
  std::string alert_id;
  AccountId account{};
  std::string conversation;  ///< id of the alert that it was told together with; "" = never told
  std::string group_key;
  std::string pending;  ///< transition still to be told; "" = none
  Time due;             ///< when to look at it again; zero = when something happens
  std::string stage;    ///< what keeps it from being told; "" = nothing
  std::string stage_id;
  std::string stage_text;
  Time stage_until;  ///< zero = not known
  std::uint64_t told = 0;
  Time first_told, last_told;
  std::uint64_t step = 0;  ///< next step of its escalation chain
  bool flapping = false;
  friend bool operator==(const Notice&, const Notice&) = default;
};
/// Does nothing when the alert is gone.
Result<void> put_notice(Transaction& tx, const Notice& notice);
/// kNotFound.
Result<Notice> find_notice(Transaction& tx, AccountId account, const std::string& alert_id);
/// Of live alerts, and of closed ones of which something is still to be told.
Result<std::vector<Notice>> load_notices(Transaction& tx);
/// Of the account's live alerts those that another one keeps from being told (its cause, or one that inhibits
/// it): by id, that other one's.
Result<std::map<std::string, std::string>> held_alerts(Transaction& tx, AccountId account);
/// The greatest sequence in the outbox; 0 when it is empty.
Result<std::uint64_t> last_sequence(Transaction& tx);
/// Times of the messages that were written to the outbox since, by lane, oldest first, one per delivery.
Result<std::map<std::string, std::vector<Time>>> messages_since(Transaction& tx, AccountId account,
                                                                Time since);

/// One attempt to deliver.
struct DeliveryAttempt {
  std::string delivery_id;
  std::string channel_id;
  AccountId account{};
  std::uint32_t attempt = 0;
  Time time;
  Duration took{};
  bool ok = false;
  std::string answer;  ///< what the other side said, or the error
};
Result<void> insert_attempt(Transaction& tx, const DeliveryAttempt& attempt);
/// Zero = never.
Result<Time> last_success(Transaction& tx, AccountId account, const std::string& channel_id);
/// What has gone wrong at a channel since it last delivered anything; `as_set_up`: nor before it was last
/// switched on or got other settings.
struct ChannelTrouble {
  std::uint64_t attempts = 0;  ///< that failed
  std::uint64_t given_up = 0;  ///< of them those of messages that are not tried again
  Time since;                  ///< the first of them
  std::string answer;          ///< of the last
};
Result<ChannelTrouble> channel_trouble(Transaction& tx, AccountId account, const std::string& channel_id,
                                       bool as_set_up);
/// What the other side last said about an alert; "" = it has not heard of it.
Result<std::string> last_answer(Transaction& tx, AccountId account, const std::string& channel_id,
                                const std::string& alert_id);
/// Oldest first.
Result<std::vector<DeliveryAttempt>> attempts_of(Transaction& tx, AccountId account,
                                                 const std::string& delivery_id);

}  // namespace sentinella::catalog
