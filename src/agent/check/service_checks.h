// Which questions are asked of whom, and what the answers mean: a service that runs and does not answer is
// hung.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/check/check_round.h"
#include "agent/collect/sample_writer.h"
#include "agent/config/config.h"

namespace sentinella::agent {

/// Not thread-safe; pure but for `find_url`. The round itself (run_checks) is up to the caller.
class ServiceChecks {
 public:
  /// Where a service that runs may be asked; "" = nowhere (yet). Only called now and then.
  using FindUrl = std::function<std::string(const std::string& service)>;

  ServiceChecks(const std::vector<ServiceConfig>& services, const std::vector<NamedCheck>& checks,
                FindUrl find_url);

  /// Which run of a service this is (a pid of its main process); 0 = it does not run.
  using RunOf = std::function<std::uint64_t(const std::string& service)>;
  /// How many rounds a service that was started again has until its silence counts.
  static constexpr int kStartRounds = 9;

  /// The questions of this round. Only services that run are asked: of others it is known already.
  std::vector<CheckTarget> targets(const RunOf& run_of);
  /// The answers to the last targets(), in order.
  void take(const std::vector<CheckOutcome>& outcomes);
  /// Nobody is asked for now; what was answered counts no more.
  void pause();

  /// Where the service has answered; "" = nowhere yet.
  std::string url(std::string_view service) const;
  /// Why the service does not answer; "" = it does, or is not asked.
  std::string problem(std::string_view service) const;
  /// Whether nobody can say that it answers or not: it would be asked, and could not be.
  bool unknown(std::string_view service) const;
  void write(SampleWriter& out) const;

 private:
  struct Check {
    std::string name;  ///< of the service, or of the configuration's
    bool of_service = false;
    bool learned = false;  ///< found by ourselves: counts from its first success on
    bool proven = false;
    std::optional<std::uint64_t> run;  ///< absent: never looked
    int grace = 0;                     ///< rounds that it has left to begin to answer
    int unanswered = 0;                ///< rounds of a learned one that never succeeded
    int next_look = 0;                 ///< rounds until the next call of find_url
    int look_pause = 0;                ///< rounds between the last two
    std::string url;
    std::optional<CheckTarget> target;
    std::optional<CheckOutcome> outcome;  ///< absent: not asked (any more)
    bool unknown = false;                 ///< not asked though it should be
  };
  void look_for(Check& check);
  void forget(Check& check);

  const FindUrl find_url_;
  std::vector<Check> checks_;
  std::vector<std::size_t> asked_;  ///< indices of the last targets()
};

}  // namespace sentinella::agent
