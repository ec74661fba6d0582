// To whom an alert may be given: the people and the teams of an account, by name. A name is what every door
// takes and shows, so that it is still read when the person has gone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::api {

struct Owners {
  std::vector<std::string> people, teams;  ///< sorted
};
Result<Owners> owners_of(catalog::Transaction& tx, AccountId account);

/// The name that is meant: "me" is the caller, and "none", like no text, nobody (""). So nobody who is called
/// me or none can own an alert.
std::string owner_named(const Caller& caller, std::string_view text);

/// Nobody, the caller (also a key: programs take alerts, too), a person or a team. kInvalid: none of these.
Result<void> check_owner(catalog::Transaction& tx, const Caller& caller, const std::string& owner);

}  // namespace sentinella::api
