// Between alerts and channels: who is told what, when, and why not.
//
// Each transition of an alert comes here. In this order something may keep it from being told: the alert is
// acknowledged or shelved; its rule is on trial; it follows from another (its cause); maintenance; blackout;
// a silence; inhibition; flapping. What is left is grouped: alerts told in one message are one conversation,
// named after its first alert, and are told together when they have all closed. Critical alerts wait for no
// group. Above a rate everything goes into one message (storm guard). Open alerts are told again, ever more
// seldom, or go up their escalation chain.
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

/// Why nobody is told of an alert just now.
struct Obstacle {
  std::string stage;  ///< acknowledged, shelved, trial, cause, maintenance, blackout, silence, inhibition,
                      ///< flapping, group
  std::string id;     ///< of the silence, the cause ...
  std::string text;   ///< for people
  Time until;         ///< zero = not known
};

struct Explanation {
  std::string conversation;  ///< the alert under whose id the deliveries are; "" = never told
  std::vector<Obstacle> why_not;
  std::optional<Time> next;  ///< when somebody will be told (again), if nothing changes
  std::string next_is;       ///< the transition that will be told then
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

  /// From the catalogue, so that it is what is stored. kNotFound.
  static Result<Explanation> explain(catalog::Transaction& tx, const Alert& alert, Time now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::notify
