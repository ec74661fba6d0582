// Which names a source of a pipeline takes: globs, `!glob` keeps out. Denials come first; a list of denials
// only takes everything else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::telemetry {

/// Immutable, thread-safe.
class SourceFilter {
 public:
  /// kInvalid: an empty list, names together with denials (unless the only name is *), * together with names.
  static Result<SourceFilter> make(const std::vector<std::string>& patterns);
  bool takes(std::string_view name) const;

 private:
  std::vector<std::string> allowed_, denied_;
};

}  // namespace sentinella::telemetry
