// What came from each source of logs since the server started: how much, how much of it no format took, and
// at which levels. A service that wrote a DEBUG line within the last hours has debug on, whatever its
// configuration is meant to say.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "model/account.h"
#include "model/log_record.h"

namespace sentinella::ingest {

struct LogSourceState {
  std::string host, service, source;
  std::uint64_t records = 0;
  std::uint64_t unparsed = 0;
  std::string unparsed_text;  ///< the beginning of the last record that no format took
  Time last_record;           ///< by the record's own time
};

struct ServiceLogLevel {
  std::string host, service;
  Severity level = Severity::unspecified;  ///< the finest seen within the window; unspecified = none was
  Time last_debug;                         ///< the newest line of DEBUG or TRACE; 0 = never
  Time last_line;                          ///< of any level
};

/// Thread-safe. Sources of an account beyond kMaxSources are counted together, as one without a name.
class LogCensus {
 public:
  static constexpr std::size_t kMaxSources = 10'000;
  static constexpr std::size_t kKeptText = 512;

  explicit LogCensus(Duration window = 6h) : window_(window) {}

  void count(AccountId account, std::span<const LogRecord> records);
  /// By host, service and source.
  std::vector<LogSourceState> sources(AccountId account) const;
  /// By host and service.
  std::vector<ServiceLogLevel> levels(AccountId account, Time now) const;

 private:
  static constexpr std::size_t kSeverities = static_cast<std::size_t>(Severity::critical) + 1;
  using Key = std::tuple<std::string, std::string, std::string>;
  struct State {
    std::uint64_t records = 0, unparsed = 0;
    std::string unparsed_text;
    std::array<Time, kSeverities> newest{};
  };
  using Sources = std::map<Key, State, std::less<>>;

  State& state_of(Sources& sources, const LogRecord& record) const;

  const Duration window_;
  mutable Mutex mutex_;
  std::map<AccountId, Sources> accounts_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::ingest
