// Husbandry beyond single rules: who can be reached, silences that stay, new rules that wait for somebody's
// approval, whether anybody would notice our own silence.
#pragma once

#include <string>
#include <vector>

#include "rules/lint.h"

namespace sentinella::rules {

struct ChannelFacts {
  std::string name, kind;
  Time last_success;  ///< zero = nothing was ever delivered
};

struct SilenceFacts {
  std::string id, reason, owner;
  Time starts, ends;
  bool recurs = false;
  bool catch_all = false;          ///< a matcher that matches any text
  std::size_t hides = 0;           ///< live alerts
  std::vector<std::string> rules;  ///< whose alerts it would hide on every host
};

struct RotaFacts {
  std::string name;
  std::size_t members = 0;
};

/// A rule of people's that pages and is new (notify/policy.h).
struct TrialFacts {
  std::string rule_id, by;
  Time since;
  bool approved = false;
};

struct SetupFacts {
  std::vector<ChannelFacts> channels;  ///< enabled ones
  std::vector<SilenceFacts> silences;  ///< active ones
  std::vector<RotaFacts> rotas;
  std::vector<TrialFacts> trials;
  std::map<std::string, RuleRecord> records;
  Time now;
};

/// H11 (pages by mail only), H14 (not approved), H15 (silences), H16 (nobody can be reached), H17 (nobody
/// would notice).
std::vector<Finding> lint_setup(const std::vector<Rule>& rules, const SetupFacts& facts);

}  // namespace sentinella::rules
