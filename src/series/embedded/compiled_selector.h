// A selector, ready to be asked.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/compiled_matcher.h"
#include "series/series_store.h"

namespace sentinella::series {

/// kInvalid: as CompiledMatcher says.
Result<std::vector<CompiledMatcher>> compile(const Selector& selector);
/// kInvalid when a regex is bad, or when no matcher narrows the choice.
Result<void> check_selector(const Selector& selector);

}  // namespace sentinella::series
