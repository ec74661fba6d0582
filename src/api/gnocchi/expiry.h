// Resources that nobody measures any more: they end, and some time later they go, with their metrics.
#pragma once

#include <cstddef>

#include "api/context.h"
#include "api/gnocchi/options.h"
#include "catalog/resource_registry.h"

namespace sentinella::api::gnocchi {

struct ExpiryReport {
  std::size_t ended = 0;    ///< silent for too long: they end at their last sample
  std::size_t revived = 0;  ///< ended, and measured again since
  std::size_t removed = 0;  ///< had ended long ago
};

/// One round over an account's resources. One without metrics never falls silent; one whose metrics have no
/// samples counts from its beginning.
Result<ExpiryReport> expire_resources(Context& server, catalog::ResourceRegistry& registry, AccountId account,
                                      const ExpiryOptions& options, Time now);

}  // namespace sentinella::api::gnocchi
