// A round of checks, some of which are asked with a token of Keystone's or an account of the database.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/check/check_round.h"
#include "agent/check/database_checks.h"
#include "agent/config/config.h"
#include "base/mutex.h"
#include "net/http_client.h"

namespace sentinella::agent {

class CheckAsker {
 public:
  /// `sources`: one of kind "openstack" has the account for tokens, those of kind "mariadb" let databases be
  /// asked (database_checks.h). `clock`: a monotonic one.
  explicit CheckAsker(const std::vector<SourceConfig>& sources, const Clock& clock = monotonic_clock());

  /// As run_checks(). A token is kept until it is refused, or half an hour old and another is given; the
  /// refused questions are asked again with a new one. Without a token those that want one are not asked. By
  /// one thread at a time.
  std::vector<CheckOutcome> ask(std::vector<CheckTarget> targets, Duration timeout);
  /// Why there is no (new) token; "" = none is needed, or there is one. Thread-safe.
  std::string problem() const;

 private:
  std::vector<CheckOutcome> ask_at_once(std::vector<CheckTarget> targets, Duration timeout);
  bool give_token(std::vector<CheckTarget>& targets);
  void renew();

  std::optional<SourceConfig> account_;
  DatabaseChecks databases_;
  const Clock& clock_;
  std::unique_ptr<net::HttpClient> client_;
  std::string token_;
  Time renew_at_;  ///< not before, when there is none
  mutable Mutex mutex_;
  std::string problem_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::agent
