// The live alerts in memory: found by what a report names, by id and by resource; which of them may cause
// others; which have counted reports that are not in the catalogue yet; when the clock wants one of them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "alerts/alarm_model.h"
#include "model/alert.h"

namespace sentinella::alerts {

/// A host belongs to one cloud, so the environment follows from the resource and needs no place in the key;
/// senders that name their own have it in the fingerprint.
struct AlertKey {
  AccountId account{};
  std::string resource, event, fingerprint;
  friend auto operator<=>(const AlertKey&, const AlertKey&) = default;
};
AlertKey key_of(const Alert& alert);
AlertKey key_of(const Signal& signal);

/// Not thread-safe: the engine's lock guards it.
class LiveTable {
 public:
  explicit LiveTable(const AlarmModel& model) : model_(model) {}

  using Alerts = std::map<AlertKey, Alert>;
  using Range = std::pair<Alerts::const_iterator, Alerts::const_iterator>;

  const Alert* find(const AlertKey& key) const;
  const Alert* find(const Signal& signal) const;
  /// nullptr also for an alert of another account.
  const Alert* find(AccountId account, const std::string& id) const;
  Range of_account(AccountId account) const;
  /// At most `most` of the account's that come after `last`, which becomes the last of them; how many.
  std::size_t show(AlertKey& last, std::size_t most, const std::function<void(const Alert&)>& look) const;
  Range of_resource(AccountId account, const std::string& resource) const;
  const std::set<AlertKey>& causes() const { return causes_; }
  std::size_t size() const { return alerts_.size(); }

  void put(const AlertKey& key, std::optional<Alert> alert);
  /// Counts a report that only_repeats() an alert, and returns that; nullptr: it does not.
  Alert* count(const Signal& signal, Time now);

  /// Those that have counted something since the last stored().
  std::vector<const Alert*> unstored() const;
  bool all_stored() const { return unstored_.empty(); }
  void stored() { unstored_.clear(); }

  /// No alert has a deadline (alert_change.h) before this; it may come to nothing when reports have come
  /// meanwhile.
  std::optional<Time> next_deadline() const;
  /// Those whose deadline has passed.
  std::vector<AlertKey> due(Time now, Time since);
  /// What was due was not done: the next due() looks at all.
  void forget_deadlines() { earliest_ = Time{1}; }

 private:
  /// Into a key of alerts_, or into a signal while it is looked up.
  struct View {
    AccountId account{};
    std::string_view resource, event, fingerprint;
    friend bool operator==(const View&, const View&) = default;
  };
  struct Hash {
    std::size_t operator()(const View& view) const;
  };
  static View view_of(const AlertKey& key);
  static View view_of(const Signal& signal);
  void note_deadline(const Alert& alert, Time since);

  const AlarmModel& model_;
  Alerts alerts_;
  std::unordered_map<View, Alerts::iterator, Hash> by_view_;
  std::unordered_map<std::string, Alerts::iterator> by_id_;
  std::set<AlertKey> causes_;
  std::unordered_set<const Alert*> unstored_;
  Time earliest_;  ///< no deadline is before; zero = there is none
};

}  // namespace sentinella::alerts
