// The alerts of one account under the desk's eyes, found by what the desk asks: which are due, which of a
// group have something to tell, which are one conversation, how many follow from a cause, which does another
// alert keep from being told. So a commit costs what has changed, however many alerts are open; and all of it
// follows from the notices, so that after a restart the answers are the same.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "catalog/policy.h"
#include "model/alert.h"

namespace sentinella::notify {

struct Case {
  Alert alert;  ///< without evidence, history and playbook
  catalog::Notice notice;
  bool live = false;
};

/// Not thread-safe. References stay good until the case is removed.
class Cases {
 public:
  using Map = std::map<std::string, Case>;  ///< by alert id

  Case& operator[](const std::string& id) { return all_[id]; }
  const Case* find(const std::string& id) const;
  Map& all() { return all_; }
  const Map& all() const { return all_; }

  /// To be called when a case was changed, or is about to be, before anything below is asked.
  void changed(Case& one);

  /// Whose notice is due.
  std::vector<Case*> due(Time now);
  std::optional<Time> first_due();
  /// Those of a group with something to tell.
  std::vector<Case*> waiting(const std::string& group_key);
  std::vector<Case*> members(const std::string& conversation);
  /// Those that are not told because of another alert: their cause, or one that inhibits them.
  std::vector<Case*> held_by(const std::string& alert_id);
  /// How many live ones follow from an alert.
  std::uint64_t symptoms(const std::string& alert_id);

  /// What has changed since it was last asked; only what is live or still talked of is kept from here on.
  std::vector<catalog::Notice> settle();

 private:
  /// Where a case stands in the indexes.
  struct Place {
    Time due;
    std::string group, conversation, holder, cause;  ///< "" = not in that index
  };
  using ById = std::map<std::string, Case*>;

  static Place place_of(const Case& one);
  void index();
  void enter(const std::string& id, Case& one, const Place& place);
  void leave(const std::string& id, const Place& place);
  bool is_over(const Case& one);
  void remove(const std::string& id);

  Map all_;
  std::unordered_map<std::string, Place> places_;  ///< by alert id
  std::set<std::pair<Time, std::string>> due_;
  std::unordered_map<std::string, ById> groups_;
  std::unordered_map<std::string, ById> conversations_;
  std::unordered_map<std::string, ById> holders_;
  std::unordered_map<std::string, std::uint64_t> causes_;
  std::unordered_set<Case*> unindexed_;
  std::set<std::string> unsettled_;
};

}  // namespace sentinella::notify
