// Databases are asked so that it costs them nothing: one that is left after its greeting writes a warning
// into its log (MariaDB: "Aborted connection ... unauthenticated"), and after `max_connect_errors` such ends
// it refuses the host.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/check/check_round.h"
#include "agent/config/config.h"
#include "base/time.h"

namespace sentinella::agent {

/// Of targets with mysql://. By one thread at a time.
class DatabaseChecks {
 public:
  /// How long a good greeting counts.
  static constexpr Duration kGreetingPause = std::chrono::minutes(1);

  /// `sources`: those of kind mariadb have accounts. `clock`: a monotonic one.
  DatabaseChecks(const std::vector<SourceConfig>& sources, const Clock& clock);

  /// What is known of it without its greeting: whether it lets our account in, else that it greeted a moment
  /// ago. Nothing: it must be asked for its greeting, and the outcome told.
  std::optional<CheckOutcome> ask(const CheckTarget& target, Duration timeout);
  void greeted(const CheckTarget& target, const CheckOutcome& outcome);

 private:
  struct Greeting {
    CheckOutcome outcome;
    Time at;
  };
  const SourceConfig* account_of(const CheckTarget& target) const;

  std::vector<SourceConfig> accounts_;
  const Clock& clock_;
  std::map<std::string, Greeting> greetings_;  ///< good ones, by host and port
};

}  // namespace sentinella::agent
