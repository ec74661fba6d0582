#include <algorithm>

#include "auth/authenticator_impl.h"
#include "auth/secrets.h"
#include "base/ids.h"
#include "base/text.h"

namespace sentinella::auth {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035 section 2.3.4, as text
constexpr std::size_t kMaxMachineId = 128;
constexpr std::size_t kMaxVersion = 64;

Result<void> check_text(std::string_view field, const std::string& text, std::size_t least,
                        std::size_t most) {
  const bool printable = is_valid_utf8(text) && std::ranges::none_of(text, [](char c) {
                           const auto byte = static_cast<unsigned char>(c);
                           return byte < 0x20 || byte == 0x7f;
                         });
  if (text.size() < least || text.size() > most || !printable)
    return fail_field(Errc::kInvalid, field, "{} must be {} to {} bytes of printable text", field, least,
                      most);
  return {};
}

/// The account that a secret enrols into. An enrolment token is used up.
Result<AccountId> account_of(catalog::Transaction& tx, const std::string& secret, Time now) {
  if (!secret.starts_with(kEnrolmentPrefix))
    return catalog::find_account_by_key_hash(tx, hash_secret(secret));
  SENT_TRY_ASSIGN(const auto token, catalog::take_one_time_token(tx, hash_secret(secret), "enrol", now));
  return token.account;
}

/// The agent that comes back with its id, if it may keep it: the same account and machine.
Result<std::optional<Agent>> returning(catalog::Transaction& tx, const std::string& agent_id,
                                       const Agent& now) {
  const auto known = catalog::find_agent(tx, agent_id);
  if (!known && known.error().code != Errc::kNotFound) return std::unexpected(known.error());
  if (!known || known->account != now.account || known->machine_id != now.machine_id) return std::nullopt;
  return *known;
}

}  // namespace

Result<std::string> Authenticator::make_enrolment_token(AccountId account, Duration life) {
  std::string secret = make_secret(kEnrolmentPrefix);
  const catalog::OneTimeToken token{.secret_hash = hash_secret(secret),
                                    .purpose = "enrol",
                                    .account = account,
                                    .subject = "",
                                    .expires = impl_->clock.now() + life};
  SENT_TRY(impl_->write([&](catalog::Transaction& tx) { return catalog::insert_one_time_token(tx, token); }));
  return secret;
}

Result<Enrolment> Authenticator::enrol(const std::string& secret, const std::string& agent_id,
                                       const std::string& host, const std::string& machine_id,
                                       const std::string& version) {
  SENT_TRY(check_text("host", host, 1, kMaxHost));
  SENT_TRY(check_text("machine_id", machine_id, 1, kMaxMachineId));
  SENT_TRY(check_text("version", version, 0, kMaxVersion));
  const std::string agent_key = make_secret(kAgentKeyPrefix);
  const Time now = impl_->clock.now();
  auto enrolled = impl_->write([&](catalog::Transaction& tx) -> Result<Enrolment> {
    SENT_TRY_ASSIGN(const AccountId account, account_of(tx, secret, now));
    Agent agent{.id = to_text(random_uuid()),
                .account = account,
                .host = host,
                .machine_id = machine_id,
                .secret_hash = hash_secret(agent_key),
                .version = version,
                .created = now,
                .revoked = false};
    SENT_TRY_ASSIGN(const auto known, returning(tx, agent_id, agent));
    if (!known) {
      SENT_TRY(catalog::insert_agent(tx, agent));
      return Enrolment{.agent_id = agent.id, .agent_key = agent_key};
    }
    if (known->revoked && !secret.starts_with(kEnrolmentPrefix))
      return fail(Errc::kForbidden,
                  "this agent was revoked: enrol it with a one-time token to bring it back");
    agent.id = known->id;
    SENT_TRY(catalog::update_agent(tx, agent));
    return Enrolment{.agent_id = agent.id, .agent_key = agent_key};
  });
  if (!enrolled)
    return std::unexpected(
        as_unauthorized(enrolled.error(), "the secret is neither the account key nor an enrolment token"));
  return enrolled;
}

Result<Tokens> Authenticator::agent_token(const std::string& agent_id, const std::string& agent_key) {
  constexpr std::string_view kWrong = "unknown agent, wrong key, or the agent was revoked: enrol it again";
  const auto agent = impl_->read([&](catalog::Transaction& tx) { return catalog::find_agent(tx, agent_id); });
  if (!agent) return std::unexpected(as_unauthorized(agent.error(), kWrong));
  if (!constant_time_equal(hash_secret(agent_key), agent->secret_hash) || agent->revoked)
    return fail(Errc::kUnauthorized, "{}", kWrong);
  const Time now = impl_->clock.now();
  const Claims claims{.subject = agent->id,
                      .audience = std::string(kAgentAudience),
                      .issued = now,
                      .expires = now + impl_->options.agent_life,
                      .id = random_token(9)};
  SENT_TRY_ASSIGN(Caller caller, impl_->caller_of_agent(claims));
  return Tokens{.access_token = sign_jwt(claims, impl_->signing_key),
                .access_life = impl_->options.agent_life,
                .refresh_token = "",
                .refresh_life = {},
                .caller = std::move(caller)};
}

}  // namespace sentinella::auth
