#include "telemetry/source_filter.h"

#include <algorithm>

#include <fnmatch.h>

namespace sentinella::telemetry {

Result<SourceFilter> SourceFilter::make(const std::vector<std::string>& patterns) {
  SourceFilter filter;
  if (patterns.empty()) return fail(Errc::kInvalid, "the list of names is empty");
  for (const std::string& pattern : patterns) {
    if (pattern.starts_with('!'))
      filter.denied_.push_back(pattern.substr(1));
    else
      filter.allowed_.push_back(pattern);
  }
  const bool everything = std::ranges::find(filter.allowed_, "*") != filter.allowed_.end();
  if (everything && filter.allowed_.size() > 1)
    return fail(Errc::kInvalid, "* stands together with names; it is all of them already");
  if (!filter.denied_.empty() && !filter.allowed_.empty() && !everything)
    return fail(Errc::kInvalid, "names stand together with !names; write either, or * and !names");
  if (filter.allowed_.empty()) filter.allowed_.emplace_back("*");
  return filter;
}

bool SourceFilter::takes(std::string_view name) const {
  if (denied_.empty() && allowed_.front() == "*") return true;
  const std::string text(name);
  const auto fits = [&](const std::string& glob) {
    return fnmatch(glob.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
  };
  return std::ranges::none_of(denied_, fits) && std::ranges::any_of(allowed_, fits);
}

}  // namespace sentinella::telemetry
