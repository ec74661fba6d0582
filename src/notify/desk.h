// Between alerts and channels: who is told what, when, and why not.
//
// Each transition of an alert comes here. In this order something may keep it from being told: the alert is
// acknowledged or shelved; its rule is on trial; it follows from another (its cause); maintenance; blackout;
// a silence; inhibition; flapping. What is left is grouped: alerts told in one message are one conversation,
// named after its first alert, and are told together when they have all closed. Critical alerts wait for no
// group. Above a rate everything that goes to the same people goes into one message (storm guard); pages are
// counted apart. Open alerts are told again, ever more seldom, or go up their escalation chain.
//
// A page goes to its escalation chain; what has none, to the team that owns it; what no team owns, to every
// channel that takes its tier.
//
// All of it is in the catalogue's notices, written in the transaction of the alert; the copy in memory
// follows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/policy.h"
#include "model/alert.h"
#include "notify/policy.h"

namespace sentinella::notify {

class Notifier;

/// Why nobody is told of an alert just now; or, with the stages environment, on_call and channel, why fewer
/// are told than one may expect.
struct Obstacle {
  std::string stage;  ///< acknowledged, shelved, trial, cause, maintenance, blackout, silence, inhibition,
                      ///< flapping, storm, group, closed; environment, on_call, channel
  std::string id;     ///< of the silence, the cause, the channel ...
  std::string text;   ///< for people
  Time until;         ///< zero = not known
};

/// Whom an alert is for.
struct Receivers {
  std::string by;                     ///< "escalation", "team"; "" = everybody
  std::string name;                   ///< of the chain or the team
  std::vector<std::string> channels;  ///< ids of those that would be told now
};

struct Explanation {
  std::string conversation;       ///< the alert under whose id the deliveries are; "" = never told
  std::vector<Obstacle> why_not;  ///< every one that there is, in the order of the stages
  Receivers receivers;            ///< of an alert that is live
  std::optional<Time> next;       ///< when somebody will be told (again), if nothing changes
  std::string next_is;            ///< the transition that will be told then
};

/// Thread-safe.
class Desk {
 public:
  /// `to_json` renders an alert.
  Desk(Notifier& notifier, std::function<std::string(const Alert&)> to_json);
  ~Desk();

  /// Takes transitions and whatever has come due, inside the caller's transaction. After a failed commit call
  /// rolled_back(); after a good one wake the notifier.
  Result<void> take(catalog::Transaction& tx, const std::vector<Notification>& notifications, Time now);
  void rolled_back();
  /// When take() must be called although nothing happened.
  std::optional<Time> next_due() const;
  /// Policy was edited: everything is looked at again with the next take().
  void policy_changed();

  /// Of an alert as it is in the catalogue.
  Result<Explanation> explain(catalog::Transaction& tx, const Alert& alert, Time now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::notify
