// Definitions of series on disk, many to a row.
#pragma once

#include <functional>
#include <map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "kv/database.h"
#include "series/embedded/series_rows.h"

namespace sentinella::series {

using Definitions = std::map<AccountId, std::vector<SeriesDefinition>>;

/// Calls `take` for each row.
Result<void> load_definitions(
    const kv::Database& db,
    const std::function<Result<void>(AccountId, const std::vector<SeriesDefinition>&)>& take);
/// Not synced.
Result<void> save_definitions(kv::Database& db, Definitions definitions);
Result<void> erase_definitions(kv::Database& db, AccountId account, const std::unordered_set<SeriesId>& gone);

}  // namespace sentinella::series
