// How the logs of some sources are to be read, when their owner says so.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/log_parser.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// Which records, and how their text is to be read.
struct LogFormatRule {
  std::string source;   ///< a file, unit or service; may have * and ?
  std::string format;   ///< a name of log_format.h; "" = recognised by itself
  std::string pattern;  ///< see log_pattern.h; "" = none
};

/// Immutable once compiled; thread-safe.
class LogFormatRules {
 public:
  LogFormatRules() = default;
  /// The error names the rule at fault.
  static Result<LogFormatRules> compile(const std::vector<LogFormatRule>& rules);
  /// INI: a section per rule, named after its source, with `format` or `pattern` in it. Errors name the line.
  static Result<LogFormatRules> parse(std::string_view ini);

  bool empty() const { return rules_.empty(); }
  /// Of the first rule whose source matches one of these; null when none does.
  const LogParser::Options* find(std::string_view source, std::string_view service) const;
  /// Reads anew the records that a rule is for.
  void apply(std::span<LogRecord> records) const;

 private:
  struct Compiled {
    std::string source;
    LogParser::Options options;
  };
  std::vector<Compiled> rules_;
};

}  // namespace sentinella::codec
