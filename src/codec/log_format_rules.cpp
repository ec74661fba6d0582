#include "codec/log_format_rules.h"

#include <map>

#include "base/ini.h"
#include "base/text.h"

namespace sentinella::codec {

Result<LogFormatRules> LogFormatRules::compile(const std::vector<LogFormatRule>& rules) {
  LogFormatRules out;
  for (const LogFormatRule& rule : rules) {
    Compiled compiled{rule.source, {}};
    if (!rule.format.empty()) {
      compiled.options.only = parse_log_format(rule.format);
      if (!compiled.options.only)
        return fail_field(Errc::kInvalid, rule.source, "\"{}\" is no log format; did you mean \"{}\"?",
                          rule.format, suggest(rule.format, log_format_names()).value_or("plain"));
    }
    if (!rule.pattern.empty()) {
      auto pattern = LogPattern::compile(rule.pattern);
      if (!pattern) return fail_field(pattern.error().code, rule.source, "{}", describe(pattern.error()));
      compiled.options.pattern = std::move(*pattern);
    }
    out.rules_.push_back(std::move(compiled));
  }
  return out;
}

Result<LogFormatRules> LogFormatRules::parse(std::string_view ini) {
  SENT_TRY_ASSIGN(const auto options, parse_ini(ini));
  std::vector<LogFormatRule> rules;
  for (const IniOption& option : options) {
    if (rules.empty() || rules.back().source != option.section) rules.push_back({option.section, {}, {}});
    if (option.key == "format")
      rules.back().format = option.value;
    else if (option.key == "pattern")
      rules.back().pattern = option.value;
    else
      return fail_field(Errc::kInvalid, option.key, "line {}: unknown key; a source has format or pattern",
                        option.line);
  }
  return compile(rules);
}

const LogParser::Options* LogFormatRules::find(std::string_view source, std::string_view service) const {
  for (const Compiled& rule : rules_)
    if (glob_match(rule.source, source) || glob_match(rule.source, service)) return &rule.options;
  return nullptr;
}

void LogFormatRules::apply(std::span<LogRecord> records) const {
  if (empty()) return;
  std::map<const LogParser::Options*, LogParser> parsers;
  const LogRecord* before = nullptr;  // neighbours mostly come from one file
  const LogParser::Options* options = nullptr;
  for (LogRecord& record : records) {
    if (before == nullptr || before->source != record.source || before->service != record.service)
      options = find(record.source, record.service);
    before = &record;
    if (options == nullptr) continue;
    parse_log(record, parsers.try_emplace(options, *options).first->second);
  }
}

}  // namespace sentinella::codec
