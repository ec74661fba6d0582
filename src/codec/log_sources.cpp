#include "codec/log_sources.h"

#include <tuple>

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

LogParser::Options LogFormatRules::options_for(std::string_view source) const {
  for (const Compiled& rule : rules_)
    if (glob_match(rule.source, source)) return rule.options;
  return {};
}

bool LogSources::Less::operator()(const LogOrigin& a, const LogOrigin& b) const {
  return std::tie(a.host, a.service, a.source) < std::tie(b.host, b.service, b.source);
}

LogSources::State& LogSources::state_of(const LogOrigin& origin) {
  const auto found = sources_.find(origin);
  if (found != sources_.end()) return found->second;
  return sources_[sources_.size() < kMaxSources ? origin : LogOrigin{}];
}

void LogSources::count(const LogOrigin& origin, LogFormat format, std::string_view raw) {
  Lock lock(mutex_);
  State& state = state_of(origin);
  state.counts.add(format);
  if (format == LogFormat::plain) state.unparsed = raw.substr(0, kKeptText);
}

void LogSources::count(const LogColumns& columns) {
  Lock lock(mutex_);
  State* state = nullptr;
  for (std::size_t row = 0; row < columns.size(); ++row) {
    if (row == 0 || columns.origin[row] != columns.origin[row - 1])
      state = &state_of(columns.origin[row] < columns.origins.size() ? columns.origins[columns.origin[row]]
                                                                     : LogOrigin{});
    state->counts.add(columns.format[row]);
    if (columns.format[row] == LogFormat::plain)
      state->unparsed = columns.text(columns.raw[row]).substr(0, kKeptText);
  }
}

std::vector<LogSourceState> LogSources::snapshot() const {
  std::vector<LogSourceState> out;
  Lock lock(mutex_);
  for (const auto& [origin, state] : sources_) out.push_back({origin, state.counts, state.unparsed});
  return out;
}

}  // namespace sentinella::codec
