// Rules against fresh records. A pure function of the journal: the same batches in the same order give the
// same signals; it reads no clock and does no I/O.
//
// PromQL asks the store, which a replay may find in a later state than the first time: late samples,
// retention. So queries are no part of this function. RuleQueries asks them at instants aligned to the rules'
// intervals and puts the results into the journal as samples (rules/rule_series.h); the engine reads those
// like any other.
//
// A rule with `depends_on` wakes nobody (tier info) while one of the named rules fires on the same host, and
// says so again with its own tier when that is over. Members of a quorum wake nobody either: the group does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "catalog/alerting.h"
#include "model/alert.h"
#include "model/batch.h"
#include "rules/live_state.h"
#include "rules/rule.h"
#include "rules/rule_instance.h"

namespace sentinella::rules {

/// What a batch led to.
struct Outcome {
  std::vector<Signal> signals;
  /// "service.stopped", "service.restarted", "service.crashed", "service.started": derived, with ids that a
  /// replay repeats; for the event store and the live stream. A tick may lead to events of several accounts.
  std::vector<std::pair<AccountId, Event>> events;
  std::vector<std::pair<AccountId, StateChange>> states;  ///< of services and hosts, as they changed
  std::vector<AccountId> changed_accounts;  ///< whose services or nodes are in another state now
};

/// Agents that lost the server try again every 30 s at the latest, and what they have to say waits in their
/// spools until then: so long, and a little for sending it, silence after an outage proves nothing.
inline constexpr Duration kReconnect = std::chrono::seconds(35);

/// Thread-safe: consume() by one thread, the reading calls by any.
///
/// A batch with `server_started`, or a gap of more than five seconds between the `received` times of two
/// batches (ticks come every second), is an outage of the server itself: every running deadline (stale_after,
/// stop_grace, replace_within, quiet) moves on by the gap, and to kReconnect after it at least, so that
/// nothing fires or resolves for it.
class RuleEngine {
 public:
  virtual ~RuleEngine() = default;

  /// Replaces the rules of an account. State of rules that are gone is dropped and their open instances
  /// resolve (returned as signals, text "rule deleted"). State of changed rules whose kind stays is kept.
  virtual std::vector<Signal> set_rules(AccountId account, std::vector<Rule> rules, Time now) = 0;

  /// A tick is for every account; any other batch is for its own.
  virtual Outcome consume(const Batch& batch, std::uint64_t journal_offset) = 0;
  /// A host was taken out of service: its state is dropped and its open instances resolve.
  virtual std::vector<Signal> forget_host(AccountId account, const std::string& host, Time now) = 0;
  /// When a tick batch is due at the latest; nullopt: no timer runs.
  virtual std::optional<Time> next_deadline() const = 0;

  /// State that changed since the last call, to be stored with the offset; and its way back at start, before
  /// set_rules(). It may be taken once for many batches, but must be whenever signals are applied: signals,
  /// state and offset belong into one transaction.
  virtual std::vector<catalog::RuleState> take_dirty_states() = 0;
  virtual void restore(const std::vector<catalog::RuleState>& states) = 0;

  virtual std::vector<ServiceState> services(AccountId account) const = 0;
  virtual std::vector<NodeState> nodes(AccountId account) const = 0;
  /// How a rule ("" = every one) stands with each thing it watches. Of process checks only services() tells.
  virtual std::vector<RuleInstance> instances(AccountId account, const std::string& rule_id) const = 0;
};

/// What a series is called; null when it is not known (any more). Called from consume().
using LabelsOf = std::function<std::shared_ptr<const Labels>(AccountId, SeriesId)>;

std::unique_ptr<RuleEngine> make_rule_engine(LabelsOf labels);

}  // namespace sentinella::rules
