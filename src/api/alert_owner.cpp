#include "api/alert_owner.h"

#include <algorithm>

#include "catalog/accounts.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api {

Result<Owners> owners_of(catalog::Transaction& tx, AccountId account) {
  Owners out;
  SENT_TRY_ASSIGN(const auto users, catalog::list_users(tx, account));
  for (const User& user : users) out.people.push_back(user.name);
  SENT_TRY_ASSIGN(const auto teams, catalog::list_policy(tx, account, "team"));
  for (const notify::Team& team : notify::read_policy(teams).teams) out.teams.push_back(team.name);
  std::ranges::sort(out.people);
  std::ranges::sort(out.teams);
  return out;
}

std::string owner_named(const Caller& caller, std::string_view text) {
  if (text == "me") return caller.name;
  return text == "none" ? "" : std::string(text);
}

Result<void> check_owner(catalog::Transaction& tx, const Caller& caller, const std::string& owner) {
  if (owner.empty() || owner == caller.name) return {};
  SENT_TRY_ASSIGN(const Owners known, owners_of(tx, caller.account));
  if (std::ranges::binary_search(known.people, owner) || std::ranges::binary_search(known.teams, owner))
    return {};
  return fail_field(Errc::kInvalid, "owner", "\"{}\" is neither a person's login name nor a team's here",
                    owner.substr(0, 100));
}

}  // namespace sentinella::api
