// Groups whose members stand in for each other (Rule::quorum): the group is what pages, a member only
// informs.
//
//   all up              nothing
//   more than needed    informational, tells nobody
//   just as many        major: no redundancy is left; a ticket
//   fewer               critical, of the rule's tier
// A member whose agent is silent is not down: nobody knows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/alerting.h"
#include "model/sample_block.h"
#include "rules/emitter.h"
#include "rules/rule.h"
#include "rules/series_map.h"

namespace sentinella::rules {

/// One of those that a BINARY rule watches.
struct Member {
  std::string host, service;
  bool down = false;
};

/// Not thread-safe.
class QuorumWatch {
 public:
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  bool wanted() const { return !rules_.empty(); }
  const std::vector<const Rule*>& rules() const { return rules_; }
  /// Labels of host_info{host=...}: what hosts are grouped by.
  void learn_hosts(const SampleBlock& samples, const LabelsOf& labels, AccountId account);
  void judge(const Rule& rule, const std::vector<Member>& members, Emitter& out);
  bool fires(const std::string& rule_id) const;

  void take_dirty(AccountId account, std::vector<catalog::RuleState>& out);
  void restore(const std::string& rule_id, const std::string& instance, std::string_view state);

 private:
  using Key = std::pair<std::string, std::string>;  ///< rule, group; rule "" = a host and its labels

  struct Open {
    std::string event;
    AlertSeverity severity = AlertSeverity::informational;
  };
  struct Group {
    std::vector<std::string> down;
    std::size_t size = 0;
  };

  std::string group_of(const Rule& rule, const Member& member) const;
  void judge_group(const Rule& rule, const std::string& name, const Group& group, Emitter& out);
  void resolve(const Key& key, const Rule& rule, std::string text, Emitter& out);

  std::vector<const Rule*> rules_;  ///< with a quorum
  std::map<Key, Open> open_;
  std::map<std::string, Labels> hosts_;
  SeriesMap<std::uint8_t> known_;  ///< 1: no host_info, 2: one, and read
  std::set<Key> dirty_;
};

}  // namespace sentinella::rules
