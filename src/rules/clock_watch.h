// Hosts whose clock is wrong, of one account, by the heartbeats of their agents.
//
// A heartbeat says what time it was on its host; the journal, what time it was here when it came. The
// distance is an error of the host's clock, or the time that the message was kept on its way. What was kept
// comes faster than it was made, so that its distance shrinks from one to the next; an error stays. A
// distance therefore counts when it has stood still for kProof. One that is small proves at once that the
// clock is right.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/alerting.h"
#include "model/state_report.h"
#include "rules/emitter.h"
#include "rules/rule.h"

namespace sentinella::rules {

/// Not thread-safe.
class ClockWatch {
 public:
  static constexpr Duration kProof = std::chrono::seconds(30);
  static constexpr Duration kWobble = std::chrono::seconds(2);  ///< of a distance that stands still

  /// `rules` must stay where they are until the next call; the first by id governs. What another rule has
  /// raised resolves.
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  void report(const StateReport& report, Emitter& out);
  void forget(const std::string& host, Emitter& out);
  bool fires_on(const std::string& rule_id, const std::string& host) const;  ///< host "": on any

  void take_dirty(AccountId account, std::vector<catalog::RuleState>& out);
  void restore(std::string_view host, std::string_view state);

 private:
  struct Host {
    Time since;                  ///< the distance stands still since then
    Duration ahead{};            ///< of our clock; negative = behind
    std::string rule_id, event;  ///< of the alert that is open; "" = none
  };
  void tell(const std::string& host, Host& state, Emitter& out);
  void resolve(const std::string& host, Host& state, const std::string& text, Emitter& out);
  bool all_agree_with(const Host& state) const;

  const Rule* rule_ = nullptr;
  std::map<std::string, Host> hosts_;
  std::set<std::string> dirty_;
};

}  // namespace sentinella::rules
