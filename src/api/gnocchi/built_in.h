// The policies that Gnocchi has from its first start.
#pragma once

#include "api/gnocchi/options.h"
#include "catalog/database.h"
#include "catalog/resource_registry.h"
#include "model/account.h"

namespace sentinella::api::gnocchi {

/// low, medium, high, bool, and the rule that gives every other metric low. Once in an account's life, and
/// only when it has neither policies nor rules: who deletes them does not get them again.
Result<void> put_built_in_policies(catalog::Database& database, catalog::ResourceRegistry& registry,
                                   AccountId account, const Options& options);

}  // namespace sentinella::api::gnocchi
