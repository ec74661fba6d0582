// What is known of each source of logs: how it is to be parsed, when its owner says so, and how much of it
// was understood.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "codec/log_columns.h"
#include "codec/log_parser.h"

namespace sentinella::codec {

/// A file or unit and how its text is to be read; `source` may have * and ?.
struct LogFormatRule {
  std::string source;
  std::string format;   ///< a name of log_format.h; "" = recognised by itself
  std::string pattern;  ///< see log_pattern.h; "" = none
};

/// Immutable once compiled; thread-safe.
class LogFormatRules {
 public:
  LogFormatRules() = default;
  /// The error names the rule at fault.
  static Result<LogFormatRules> compile(const std::vector<LogFormatRule>& rules);
  /// Of the first rule whose source matches; the default options when none does.
  LogParser::Options options_for(std::string_view source) const;

 private:
  struct Compiled {
    std::string source;
    LogParser::Options options;
  };
  std::vector<Compiled> rules_;
};

struct LogSourceState {
  LogOrigin origin;
  LogFormatCounts counts;
  std::string unparsed;  ///< the beginning of the last record that no format took
};

/// Of one account. Thread-safe. More sources than kMaxSources are counted together, as one without a name.
class LogSources {
 public:
  static constexpr std::size_t kMaxSources = 10'000;
  static constexpr std::size_t kKeptText = 512;

  void count(const LogOrigin& origin, LogFormat format, std::string_view raw);
  /// Every row of `columns`.
  void count(const LogColumns& columns);
  std::vector<LogSourceState> snapshot() const;

 private:
  struct Less {
    bool operator()(const LogOrigin& a, const LogOrigin& b) const;
  };
  struct State {
    LogFormatCounts counts;
    std::string unparsed;
  };
  State& state_of(const LogOrigin& origin) SENT_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<LogOrigin, State, Less> sources_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::codec
