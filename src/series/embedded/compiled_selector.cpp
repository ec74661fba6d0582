#include "series/embedded/compiled_selector.h"

#include <algorithm>

namespace sentinella::series {

Result<std::vector<CompiledMatcher>> compile(const Selector& selector) {
  std::vector<CompiledMatcher> matchers;
  for (const LabelMatcher& matcher : selector.matchers) {
    SENT_TRY_ASSIGN(auto compiled, CompiledMatcher::make(matcher));
    matchers.push_back(std::move(compiled));
  }
  return matchers;
}

Result<void> check_selector(const Selector& selector) {
  SENT_TRY_ASSIGN(const auto matchers, compile(selector));
  if (std::ranges::none_of(matchers, &CompiledMatcher::narrows))
    return fail(Errc::kInvalid,
                "the selector would match every series: at least one matcher must not match \"\"");
  return {};
}

}  // namespace sentinella::series
