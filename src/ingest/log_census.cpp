#include "ingest/log_census.h"

#include <algorithm>
#include <string_view>

namespace sentinella::ingest {

LogCensus::State& LogCensus::state_of(Sources& sources, const LogRecord& record) const {
  const auto known = sources.find(std::tuple<std::string_view, std::string_view, std::string_view>(
      record.host, record.service, record.source));
  if (known != sources.end()) return known->second;
  return sources.size() < kMaxSources ? sources[{record.host, record.service, record.source}] : sources[{}];
}

void LogCensus::count(AccountId account, std::span<const LogRecord> records) {
  if (records.empty()) return;
  Lock lock(mutex_);
  Sources& sources = accounts_[account];
  const LogRecord* before = nullptr;  // neighbours mostly come from one file
  State* state = nullptr;
  for (const LogRecord& record : records) {
    const bool same = before != nullptr && before->source == record.source &&
                      before->service == record.service && before->host == record.host;
    if (!same) state = &state_of(sources, record);
    before = &record;
    ++state->records;
    Time& newest = state->newest[static_cast<std::size_t>(record.severity)];
    newest = std::max(newest, record.time);
    if ((record.flags & LogRecord::kUnparsed) == 0) continue;
    ++state->unparsed;
    state->unparsed_text.assign(record.raw, 0, kKeptText);
  }
}

std::vector<LogSourceState> LogCensus::sources(AccountId account) const {
  std::vector<LogSourceState> all;
  Lock lock(mutex_);
  const auto at = accounts_.find(account);
  if (at == accounts_.end()) return all;
  for (const auto& [key, state] : at->second)
    all.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), state.records, state.unparsed,
                   state.unparsed_text, *std::ranges::max_element(state.newest)});
  return all;
}

std::vector<ServiceLogLevel> LogCensus::levels(AccountId account, Time now) const {
  std::vector<ServiceLogLevel> all;
  Lock lock(mutex_);
  const auto at = accounts_.find(account);
  if (at == accounts_.end()) return all;
  for (const auto& [key, state] : at->second) {
    const auto& [host, service, source] = key;
    if (all.empty() || all.back().host != host || all.back().service != service)
      all.push_back({host, service, Severity::unspecified, {}, {}});
    ServiceLogLevel& level = all.back();
    for (std::size_t i = kSeverities; i-- > 0;) {
      const Time newest = state.newest[i];
      const auto severity = static_cast<Severity>(i);
      level.last_line = std::max(level.last_line, newest);
      if (severity == Severity::unspecified) continue;
      if (severity <= Severity::debug) level.last_debug = std::max(level.last_debug, newest);
      // Severities are ordered by badness: the least of those that are recent is the finest.
      const bool finer = level.level == Severity::unspecified || severity < level.level;
      if (newest.ns != 0 && now - newest <= window_ && finer) level.level = severity;
    }
  }
  return all;
}

}  // namespace sentinella::ingest
