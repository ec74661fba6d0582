// Users and API keys of the caller's account, and its account key.
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "api/user_accounts.h"
#include "base/crypto.h"

namespace sentinella::api::native {
namespace {

void write_optional(JsonWriter& json, std::string_view name, const std::optional<Time>& time) {
  json.key(name);
  if (time)
    json.value(*time);
  else
    json.null();
}

void write_user(JsonWriter& json, const User& user) {
  json.object()
      .field("id", user.id)
      .field("name", user.name)
      .field("role", to_string(user.role))
      .field("server_admin", user.server_admin)
      .field("created", user.created)
      .end();
}

Reply user_reply(const User& user, int status = 200) {
  JsonWriter json;
  write_user(json, user);
  return json_reply(json.take(), status);
}

void write_key(JsonWriter& json, const ApiKey& key, const std::string& secret = "") {
  json.object()
      .field("id", key.id)
      .field("name", key.name)
      .field("role", to_string(key.role))
      .field("created", key.created);
  write_optional(json, "expires", key.expires);
  write_optional(json, "last_used", key.last_used);
  if (!secret.empty()) json.field("key", secret);
  json.end();
}

Result<Role> required_role(const boost::json::object& body) {
  SENT_TRY_ASSIGN(const auto word, required_string(body, "role"));
  return parse_word(word, "role", parse_role, kRoleWords);
}

}  // namespace

Result<Reply> list_users(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto users, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_users(tx, call.caller.account);
                  }));
  return list_reply(users, page, write_user);
}

Result<Reply> create_user(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"name", "password", "role"}));
  SENT_TRY_ASSIGN(const auto name, required_text(body, "name", 100));
  SENT_TRY_ASSIGN(const auto password, required_string(body, "password"));
  SENT_TRY_ASSIGN(const auto role, required_role(body));
  SENT_TRY_ASSIGN(const auto user,
                  call.server.authenticator.create_user(call.caller.account, name, password, role, false));
  return user_reply(user, 201);
}

Result<Reply> put_user(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"role", "password"}));
  SENT_TRY_ASSIGN(const auto password, optional_string(body, "password"));
  SENT_TRY_ASSIGN(const auto role, required_role(body));
  SENT_TRY_ASSIGN(const User user,
                  change_user(call.server, call.caller, call.path_value("id"), role, password));
  return user_reply(user);
}

Result<Reply> delete_user(RequestContext& call) {
  SENT_TRY(remove_user(call.server, call.caller, call.path_value("id")));
  return no_content();
}

Result<Reply> list_keys(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto keys, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_keys(tx, call.caller.account);
                  }));
  return list_reply(keys, page, [](JsonWriter& json, const ApiKey& key) { write_key(json, key); });
}

Result<Reply> create_key(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"name", "role", "expires"}));
  SENT_TRY_ASSIGN(const auto name, required_text(body, "name", 100));
  SENT_TRY_ASSIGN(const auto role, required_role(body));
  SENT_TRY_ASSIGN(const auto until, optional_text(body, "expires", 64));
  const Time now = call.server.clock.now();
  std::optional<Time> expires;
  if (!until.empty()) {
    SENT_TRY_ASSIGN(expires, parse_when(until, now, "expires"));
    if (*expires <= now) return fail_field(Errc::kInvalid, "expires", "is in the past");
  }
  SENT_TRY_ASSIGN(const auto secret,
                  call.server.authenticator.create_api_key(call.caller.account, name, role, expires));
  SENT_TRY_ASSIGN(const auto key, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::find_key_by_hash(tx, to_hex(sha256(secret)));
                  }));
  JsonWriter json;
  write_key(json, key, secret);
  return json_reply(json.take(), 201);
}

Result<Reply> delete_key(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_key(tx, call.caller.account, call.path_value("id"));
  }));
  return no_content();
}

Result<Reply> rotate_account_key(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto key, call.server.authenticator.rotate_account_key(call.caller.account));
  JsonWriter json;
  json.object().field("account_key", key).end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
