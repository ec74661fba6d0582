// Short links: a long address within the UI, kept under a few letters so that it fits into a message.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

/// The newest of an account are kept.
inline constexpr std::uint64_t kMaxShortLinks = 10'000;

/// The code under which `path` is kept; the same for the same path.
Result<std::string> keep_short_link(Transaction& tx, AccountId account, const std::string& path, Time now);
/// kNotFound.
Result<std::string> find_short_link(Transaction& tx, AccountId account, const std::string& code);

}  // namespace sentinella::catalog
