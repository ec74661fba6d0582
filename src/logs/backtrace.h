// The story of a request or an instance across all nodes and services.
#pragma once

#include <string>
#include <vector>

#include "logs/log_store.h"

namespace sentinella::logs {

/// What a story is told from: any one of them.
struct BacktraceStart {
  std::string request_id{};          ///< "req-..."; local or global
  std::vector<std::string> uuids{};  ///< of instances, volumes, ports: whatever lines speak of
  std::optional<RecordId> record{};  ///< its request ids and its instance
};

struct BacktraceStep {
  StoredRecord stored;
  std::size_t lane = 0;  ///< index of Backtrace::lanes
  Duration gap{0};       ///< since the step before
  bool first_error = false;
  std::string last_frame{};  ///< of the traceback: "driver.py:7718 in _create_guest:
                             ///< VirtualInterfaceCreateException: ..."
};

struct Backtrace {
  struct Lane {
    std::string service;
    std::string host;
    Time first, last;
    std::size_t steps = 0;
    Severity worst = Severity::unspecified;
    std::string why{};  ///< of surroundings (surroundings.h): what its lines have to do with it
  };
  std::vector<std::string> request_ids;  ///< that the story follows
  std::vector<std::string> instances;
  std::vector<Lane> lanes;           ///< in order of appearance
  std::vector<BacktraceStep> steps;  ///< by time
  bool truncated = false;            ///< there is more than `limit`: the latest are left out

  /// Gives the steps, which are in order, their lanes, gaps and first error.
  void lay_out();
};

inline constexpr std::size_t kMaxBacktrace = 10'000;

/// Follows local ids to global ones and back, and from there the instances of one hop. At most `limit` (1 to
/// kMaxBacktrace) steps within `range`. kInvalid: nothing to start from. kNotFound: the record is gone. No
/// record at all is an empty story.
Result<Backtrace> backtrace(const LogStore& store, AccountId account, const BacktraceStart& start,
                            TimeRange range, std::size_t limit = 2000);

/// The innermost frame and the exception of a Python traceback in one line; "" when it has neither.
std::string last_frame(std::string_view traceback);

}  // namespace sentinella::logs
