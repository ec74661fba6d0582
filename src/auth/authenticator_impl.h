// What the parts of the Authenticator share: who is calling (authenticator.cpp), sessions of people
// (sessions.cpp), agents (enrolment.cpp), and the making of accounts' secrets (provisioning.cpp). For this
// folder only.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "auth/authenticator.h"
#include "auth/expiring_cache.h"
#include "auth/failure_limiter.h"
#include "catalog/accounts.h"

namespace sentinella::auth {

inline constexpr std::size_t kMaxName = 128;       ///< bytes, of a user or key
inline constexpr std::size_t kMaxPassword = 1024;  ///< bytes

inline constexpr std::string_view kUserAudience = "user";
inline constexpr std::string_view kAgentAudience = "agent";
inline constexpr std::string_view kRefreshAudience = "refresh";

struct Authenticator::Impl {
  /// A user as of at most 5 s ago.
  struct KnownUser {
    Caller caller;
    std::string password_hash;
  };
  /// A name and password that were right within the last minute.
  struct VerifiedLogin {
    std::string user_id;
    std::string password_hash;  ///< what they were right against: another hash now, another password
  };

  Impl(catalog::Database& database_in, const Clock& clock_in, AuthOptions options_in)
      : database(database_in), clock(clock_in), options(options_in) {}

  /// One call in a transaction of its own: read(f) and write(f) give what f(tx) gives.
  template <typename Call>
  auto read(Call call) {
    return in_transaction([&](const auto& work) { return database.read(work); }, call);
  }
  template <typename Call>
  auto write(Call call) {
    return in_transaction([&](const auto& work) { return database.write(work); }, call);
  }

  // Each gives kUnauthorized when the caller is not, or no longer, who the credentials say.
  Result<Caller> caller_of_token(const std::string& token);
  Result<Caller> caller_of_key(const std::string& secret);
  Result<Caller> caller_of_agent(const Claims& claims);
  Result<Caller> caller_of_login(const std::string& name, const std::string& password,
                                 const std::string& peer);
  /// With `session`, only while that lives.
  Result<KnownUser> find_known_user(const std::string& user_id, const std::optional<std::string>& session);
  /// The user, after checking the password, with the limits on guessing.
  Result<User> verify_login(const std::string& name, const std::string& password, const std::string& peer);

  Result<Tokens> begin_session(const User& user, const std::string& client, Duration access_life);
  Tokens make_tokens(const User& user, const std::string& session_id, std::string refresh_token,
                     Duration access_life) const;
  std::string make_refresh_token(const catalog::Session& session, const std::string& id) const;
  std::string successor_of(const std::string& refresh_id) const;

  catalog::Database& database;
  const Clock& clock;
  const AuthOptions options;
  std::string signing_key;
  std::string nobodys_hash;  ///< verified for unknown names, so that they take as long as known ones
  std::string login_cache_key;

  FailureLimiter failures;
  ExpiringCache<KnownUser> users{std::chrono::seconds(5), 10'000};
  ExpiringCache<Caller> agents{std::chrono::seconds(5), 50'000};
  ExpiringCache<ApiKey> keys{std::chrono::seconds(5), 10'000};
  ExpiringCache<VerifiedLogin> logins{std::chrono::minutes(1), 10'000};
  ExpiringCache<bool> touched_keys{std::chrono::minutes(1), 10'000};  ///< whose last use was noted

 private:
  template <typename Begin, typename Call>
  static auto in_transaction(Begin begin, Call& call) {
    using Answer = decltype(call(std::declval<catalog::Transaction&>()));
    std::optional<Answer> answer;
    Result<void> done = begin([&](catalog::Transaction& tx) -> Result<void> {
      answer = call(tx);
      SENT_TRY(*answer);
      return {};
    });
    // The work may have succeeded and its commit not.
    if (!done) answer = Answer(std::unexpect, std::move(done).error());
    return *std::move(answer);
  }
};

/// An error of the catalogue, except that what is absent there is kUnauthorized with `why`.
Error as_unauthorized(Error error, std::string_view why);

}  // namespace sentinella::auth
