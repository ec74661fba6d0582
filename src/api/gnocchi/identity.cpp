#include "api/gnocchi/identity.h"

#include <algorithm>

#include "api/gnocchi/keystone.h"
#include "auth/credentials.h"
#include "base/crypto.h"
#include "base/text.h"
#include "catalog/accounts.h"

namespace sentinella::api::gnocchi {
namespace {

bool is_loopback(std::string_view peer) {
  return peer == "::1" || peer.starts_with("127.") || peer.starts_with("::ffff:127.");
}

Failure unauthorized(std::string_view why) {
  return refuse(401, "{}", why);
}

/// The name of "basic base64(name:anything)"; "" when there is none.
std::string basic_name(std::string_view header) {
  const auto space = header.find(' ');
  if (space == std::string_view::npos || !iequals(header.substr(0, space), "basic")) return {};
  const auto decoded = from_base64(trim(header.substr(space + 1)));
  return decoded ? decoded->substr(0, decoded->find(':')) : std::string();
}

bool any_of(const std::vector<std::string>& roles, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(
      roles, [&](const auto& role) { return std::ranges::find(wanted, role) != wanted.end(); });
}

}  // namespace

std::optional<AuthMode> parse_auth_mode(std::string_view text) {
  if (text == "own") return AuthMode::own;
  if (text == "basic") return AuthMode::basic;
  if (text == "remoteuser") return AuthMode::remote_user;
  if (text == "keystone") return AuthMode::keystone;
  return std::nullopt;
}

bool Identity::may_see(const catalog::Resource& resource) const {
  return may_see(resource.creator) || (resource.project_id && *resource.project_id == project);
}

bool Identity::may_see(const std::string& creator_of_thing) const {
  return !own_project || admin || creator_of_thing == creator || creator_of_thing.ends_with(":" + project);
}

Identifier::Identifier(Context& server, const Options& options)
    : server_(server),
      options_(options),
      keystone_(options.auth == AuthMode::keystone
                    ? std::make_unique<Keystone>(options.keystone, server.clock)
                    : nullptr) {}
Identifier::~Identifier() = default;

Outcome<Identity> Identifier::identify(const net::Request& request) {
  if (options_.auth == AuthMode::own) return own(request);
  if (options_.auth == AuthMode::keystone) return keystone(request);
  if (!is_loopback(request.peer))
    return unauthorized("names are taken without a password from this machine only");
  return named(options_.auth == AuthMode::basic ? basic_name(request.headers.get("Authorization"))
                                                : std::string(request.headers.get("X-Remote-User")));
}

Outcome<AccountId> Identifier::account() {
  AccountId id = account_;
  if (id != AccountId{}) return id;
  const auto read = server_.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Account found, catalog::find_account(tx, options_.account));
    id = found.id;
    return {};
  });
  SENT_TRY(read);
  account_ = id;
  return id;
}

Outcome<Identity> Identifier::own(const net::Request& request) {
  const std::string_view token = request.headers.get("X-Auth-Token");
  Result<Caller> caller;
  if (token.empty()) {
    caller = server_.authenticator.authenticate(request);
  } else {
    net::Request as_bearer;
    as_bearer.peer = request.peer;
    as_bearer.headers.set("Authorization", "Bearer " + std::string(token));
    caller = server_.authenticator.authenticate(as_bearer);
  }
  if (!caller) return Failure(Problem(caller.error()));
  Identity who{.account = caller->account, .creator = caller->name};
  const bool agent = caller->kind == Caller::Kind::agent;
  who.reads = !agent;
  who.writes = agent || caller->role >= Role::operator_;
  who.admin = !agent && caller->role >= Role::admin;
  who.service = who.writes && !agent;
  return who;
}

Outcome<Identity> Identifier::named(const std::string& user) {
  if (user.empty()) return unauthorized("there is no name");
  SENT_TRY_ASSIGN(const AccountId id, account());
  return Identity{.account = id, .creator = user, .admin = user == "admin"};
}

Outcome<Identity> Identifier::keystone(const net::Request& request) {
  const std::string token(request.headers.get("X-Auth-Token"));
  if (token.empty()) return unauthorized("there is no X-Auth-Token");
  const auto found = keystone_->validate(token);
  if (!found) return Failure(Problem(found.error()));
  SENT_TRY_ASSIGN(const AccountId id, account());
  Identity who{.account = id, .creator = found->user + ":" + found->project, .project = found->project};
  who.admin = any_of(found->roles, options_.keystone.admin_roles);
  who.service = any_of(found->roles, options_.keystone.service_roles);
  who.own_project = true;
  return who;
}

Failure denied() {
  return Failure(Problem(403, nullptr));
}

}  // namespace sentinella::api::gnocchi
