// Tokens of OpenStack's Keystone (Identity API v3, "Validate and show information for token").
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/gnocchi/options.h"
#include "auth/expiring_cache.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::net {
class HttpClient;
}

namespace sentinella::api::gnocchi {

struct TokenOwner {
  std::string user, project;  ///< ids
  std::vector<std::string> roles;
  Time expires;
};

/// Thread-safe; asks one question at a time, and remembers each answer, good or bad, for a while: the first
/// use of a token costs a request, and its other uses none.
class Keystone {
 public:
  Keystone(KeystoneOptions options, const Clock& clock);
  ~Keystone();

  /// kUnauthorized: no such token, or it has expired. kUnavailable: Keystone does not answer, or does not
  /// know us.
  Result<TokenOwner> validate(const std::string& token);

 private:
  Result<TokenOwner> ask(const std::string& token) SENT_REQUIRES(asking_);
  Result<void> log_in() SENT_REQUIRES(asking_);

  const KeystoneOptions options_;
  const Clock& clock_;
  auth::ExpiringCache<TokenOwner> known_;
  auth::ExpiringCache<bool> unknown_;
  Mutex asking_;
  std::unique_ptr<net::HttpClient> client_ SENT_GUARDED_BY(asking_);
  std::string own_token_ SENT_GUARDED_BY(asking_);
};

}  // namespace sentinella::api::gnocchi
