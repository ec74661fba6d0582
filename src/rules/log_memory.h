// What TAILABLE rules remember of the past: since when a source is listened to, which templates each service
// has written, and how many matches an hour of the week usually has.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "model/log_record.h"

namespace sentinella::rules {

/// Not thread-safe.
class LogMemory {
 public:
  /// Takes a record in. True: it is WARNING or worse, and its service has never written its template before.
  bool learn(const LogRecord& record, Time now);
  /// How long the record's host and service have been listened to.
  Duration observed(const LogRecord& record, Time now) const;

  /// Rows of the state: names are "s" host, separator, service, or "t" service.
  std::set<std::string> take_dirty();
  std::string encode(const std::string& row) const;
  void restore(std::string_view row, std::string_view bytes);

 private:
  std::map<std::string, std::map<std::string, Time, std::less<>>, std::less<>>
      sources_;                                                            ///< host, service: since
  std::map<std::string, std::set<std::uint64_t>, std::less<>> templates_;  ///< by service
  std::set<std::string> dirty_;
};

/// Matches in each hour of the week: the newest weeks count most. Hours without a match count as zero.
class HourlyUsual {
 public:
  void add(Time at);
  /// Per hour, in the hour of the week that `at` lies in; what lies in the present hour is not in it.
  double usual(Time at) const;
  void write(ByteWriter& out) const;
  void read(ByteReader& in);

 private:
  std::int64_t hour_ = 0;  ///< since the epoch; 0 = nothing yet
  std::uint32_t count_ = 0;
  std::array<float, 168> usual_{};
};

}  // namespace sentinella::rules
