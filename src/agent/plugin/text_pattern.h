// Lines of text into figures and events, by the named groups of a regular expression (RE2: linear in the
// text).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/plugin/declared.h"
#include "agent/plugin/output.h"

namespace re2 {
class RE2;
}

namespace sentinella::agent {

struct PatternMatches {
  std::uint64_t lines = 0;  ///< that matched
  PluginOutput output;      ///< of each series the last value
  struct Found {
    std::string summary;
  };
  std::vector<Found> events;  ///< at most kMaxPatternEvents, oldest first
  std::uint64_t more_events = 0;
};

inline constexpr std::size_t kMaxPatternEvents = 20;

/// Thread-safe.
class TextPattern {
 public:
  /// kInvalid: the expression is none, or has no group of a name that is used; names the field.
  static Result<TextPattern> create(const PatternCall& call);

  /// `text`: whole lines. `labels` as for parse_plugin_json().
  PatternMatches read(std::string_view text, const std::vector<Label>& labels, Time now) const;

 private:
  TextPattern(PatternCall call, std::shared_ptr<const re2::RE2> regex);
  std::string fill(std::string_view summary, const std::vector<std::string>& groups) const;

  PatternCall call_;
  std::shared_ptr<const re2::RE2> regex_;
  std::map<std::string, int, std::less<>> groups_;
};

}  // namespace sentinella::agent
