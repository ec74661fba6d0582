// Deleting samples, as the doors do it: checked at the door, journalled, done when the answer goes out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/context.h"
#include "model/sample_block.h"

namespace sentinella::api {

/// What `selectors` (PromQL's, one at least) select within `range`. kInvalid: a selector or a regex in it
/// cannot be read, or would take everything; the field is match[].
Result<std::vector<SeriesErasure>> read_erasures(const RequestContext& call,
                                                 const std::vector<std::string>& selectors, TimeRange range);

/// Of the caller's account alone. `done` is called when nothing of it can be read any more.
void erase_samples(RequestContext& call, std::vector<SeriesErasure> erasures,
                   std::move_only_function<void(Result<void>)> done);

}  // namespace sentinella::api
