// Who calls, what roles may, and the keys: as far as Alerta's command-line client asks. Groups and customers
// there are none, which is said where somebody asks for them.
#include <algorithm>
#include <array>

#include "api/alerta/alerta_alert.h"
#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"
#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/crypto.h"
#include "catalog/accounts.h"

namespace sentinella::api::alerta {
namespace {

constexpr Duration kKeyLife = std::chrono::hours(24 * 365);
constexpr std::array kRoles{Role::viewer, Role::responder, Role::operator_, Role::admin};
constexpr std::array<std::string_view, 12> kScopes{
    "read",           "read:alerts",  "read:blackouts",  "read:heartbeats",
    "write",          "write:alerts", "write:blackouts", "write:heartbeats",
    "write:webhooks", "admin",        "admin:keys",      "admin:users"};

/// What a role may, in Alerta's words.
std::vector<std::string_view> scopes_of(Role role) {
  switch (role) {
    case Role::viewer:
      return {"read"};
    case Role::responder:
      return {"read", "write:blackouts"};
    case Role::operator_:
      return {"read", "write"};
    case Role::admin:
      return {"admin", "read", "write"};
  }
  return {};
}

/// The least role that may all of it.
Result<Role> role_for(const std::vector<std::string>& scopes) {
  Role role = Role::viewer;
  for (const std::string& scope : scopes) {
    if (std::ranges::find(kScopes, scope) == kScopes.end())
      return fail_field(Errc::kInvalid, "scopes", "there is no scope {}", scope);
    const Role needed = scope.starts_with("admin")   ? Role::admin
                        : scope == "write:blackouts" ? Role::responder
                        : scope.starts_with("write") ? Role::operator_
                                                     : Role::viewer;
    role = std::max(role, needed);
  }
  return role;
}

void write_scopes(JsonWriter& json, std::string_view field, Role role) {
  json.key(field).array();
  for (const std::string_view scope : scopes_of(role)) json.value(scope);
  json.end();
}

void write_optional_time(JsonWriter& json, std::string_view field, const std::optional<Time>& time) {
  json.key(field);
  if (time) {
    json.value(alerta_time(*time));
  } else {
    json.null();
  }
}

/// The id stands for the key, which is kept nowhere.
void write_key(JsonWriter& json, const ApiKey& key, const std::string& secret, Time now) {
  const bool expired = key.expires && *key.expires <= now;
  json.object().field("id", key.id).field("key", secret.empty() ? key.id : secret);
  json.field("user", key.name)
      .field("text", key.name)
      .field("type", key.role == Role::viewer ? "read-only" : "read-write");
  json.field("status", expired ? "expired" : "active").field("count", 0).key("customer").null();
  write_scopes(json, "scopes", key.role);
  write_optional_time(json, "expireTime", key.expires);
  write_optional_time(json, "lastUsedTime", key.last_used);
  json.end();
}

Result<std::vector<ApiKey>> keys_of(const RequestContext& call) {
  return native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::list_keys(tx, call.caller.account);
  });
}

Reply empty_list(std::string_view name) {
  JsonWriter json;
  json.object().key(name).array().end().field("total", 0).field("message", "not found");
  return ok_reply(json);
}

}  // namespace

Result<Reply> user_info(RequestContext& call) {
  JsonWriter json;
  json.object().field("id", call.caller.id).field("sub", call.caller.id).field("name", call.caller.name);
  json.field("preferred_username", call.caller.name).field("email", "").field("provider", "basic");
  json.key("roles").array().value(to_string(call.caller.role)).end().key("groups").array().end();
  json.field("scope", fmt::format("{}", fmt::join(scopes_of(call.caller.role), " ")));
  return ok_reply(json);
}

Result<Reply> list_scopes(RequestContext&) {
  JsonWriter json;
  json.object().key("scopes").array();
  for (const std::string_view scope : kScopes) json.value(scope);
  json.end().field("total", static_cast<std::uint64_t>(kScopes.size()));
  return ok_reply(json);
}

Result<Reply> list_perms(RequestContext&) {
  JsonWriter json;
  json.object().key("permissions").array();
  for (const Role role : kRoles) {
    json.object().field("id", to_string(role)).field("match", to_string(role));
    write_scopes(json, "scopes", role);
    json.end();
  }
  json.end().field("total", static_cast<std::uint64_t>(kRoles.size()));
  return ok_reply(json);
}

Result<Reply> list_groups(RequestContext&) {
  return empty_list("groups");
}

Result<Reply> list_customers(RequestContext&) {
  return empty_list("customers");
}

Result<Reply> no_groups(RequestContext&) {
  return fail(Errc::kNotFound,
              "there are no groups of users here: teams, which own alerts, are made at /api/v1/teams");
}

Result<Reply> no_customers(RequestContext&) {
  return fail(
      Errc::kNotFound,
      "customers are not looked up here: an account sees all of its own, reports may name a customer");
}

Result<Reply> fixed_roles(RequestContext&) {
  return fail(Errc::kNotFound, "the roles are fixed: viewer, responder, operator and admin");
}

Result<Reply> no_signup(RequestContext&) {
  return fail(Errc::kNotFound, "nobody signs up here: an admin makes users");
}

Result<Reply> list_keys(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto keys, keys_of(call));
  JsonWriter json;
  json.object().key("keys").array();
  for (const ApiKey& key : keys) write_key(json, key, "", call.server.clock.now());
  json.end().field("total", static_cast<std::uint64_t>(keys.size()));
  return ok_reply(json);
}

Result<Reply> get_key(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto keys, keys_of(call));
  const auto found = std::ranges::find(keys, call.path_value("id"), &ApiKey::id);
  if (found == keys.end()) return fail(Errc::kNotFound, "not found");
  JsonWriter json;
  json.object().field("total", 1).key("key");
  write_key(json, *found, "", call.server.clock.now());
  return ok_reply(json);
}

Result<Reply> post_key(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto user, optional_string(body, "user"));
  SENT_TRY_ASSIGN(const auto text, optional_string(body, "text"));
  SENT_TRY_ASSIGN(const auto scopes, optional_strings(body, "scopes"));
  SENT_TRY_ASSIGN(const auto ends, optional_string(body, "expireTime"));
  SENT_TRY_ASSIGN(const auto customer, optional_string(body, "customer"));
  if (customer && !customer->empty())
    return fail_field(Errc::kInvalid, "customer", "there are no customers here; an account is one");
  SENT_TRY_ASSIGN(const auto chosen, optional_string(body, "key"));
  if (chosen && !chosen->empty())
    return fail_field(Errc::kInvalid, "key", "a key is made here, and shown once; nobody chooses it");
  SENT_TRY_ASSIGN(const Role role, role_for(scopes));
  const Time now = call.server.clock.now();
  Time expires = now + kKeyLife;
  if (ends) {
    SENT_TRY_ASSIGN(expires, parse_when(*ends, now, "expireTime"));
  }
  if (expires <= now) return fail_field(Errc::kInvalid, "expireTime", "is in the past");
  const std::string name = text && !text->empty() ? *text : user.value_or(call.caller.name);
  if (name.empty() || name.size() > 100) return fail_field(Errc::kInvalid, "text", "1 to 100 bytes expected");
  SENT_TRY_ASSIGN(const auto secret,
                  call.server.authenticator.create_api_key(call.caller.account, name, role, expires));
  SENT_TRY_ASSIGN(const auto key, native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::find_key_by_hash(tx, to_hex(sha256(secret)));
                  }));
  JsonWriter json;
  json.object().field("key", secret).key("data");
  write_key(json, key, secret, now);
  return ok_reply(json, 201);
}

Result<Reply> delete_key(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_key(tx, call.caller.account, call.path_value("id"));
  }));
  return plain_ok();
}

}  // namespace sentinella::api::alerta
