// Logging in and the users of the account, for Alerta's command-line client. A user's login, which Alerta
// calls its email, is our user's name.
#include <algorithm>

#include "api/alerta/alerta_alert.h"
#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"
#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "api/user_accounts.h"
#include "catalog/accounts.h"

namespace sentinella::api::alerta {
namespace {

void write_user(JsonWriter& json, const User& user) {
  json.object().field("id", user.id).field("name", user.name).field("login", user.name);
  json.field("email", "").field("domain", "").field("status", "active").field("text", "");
  json.key("roles").array().value(to_string(user.role)).end().key("attributes").object().end();
  json.field("createTime", alerta_time(user.created)).key("lastLogin").null();
  json.field("email_verified", false).end();
}

Reply user_reply(const User& user, int status = 200) {
  JsonWriter json;
  json.object().field("id", user.id).key("user");
  write_user(json, user);
  return ok_reply(json, status);
}

/// Alerta lets a user have several; ours has one. nullopt: none is named.
Result<std::optional<Role>> read_role(const boost::json::object& body) {
  SENT_TRY_ASSIGN(const auto words, optional_strings(body, "roles"));
  if (words.empty()) return std::nullopt;
  const auto role = words.size() == 1 ? parse_role(words.front()) : std::nullopt;
  if (!role)
    return fail_field(Errc::kInvalid, "roles", "one of viewer, responder, operator and admin expected");
  return role;
}

Result<std::optional<std::string>> read_password(const boost::json::object& body) {
  return optional_string(body, "password");
}

/// What there is no place for is not passed over in silence.
Result<void> only_what_is_kept(const boost::json::object& body,
                               std::initializer_list<std::string_view> nowhere) {
  for (const std::string_view field : nowhere) {
    SENT_TRY_ASSIGN(const auto text, optional_string(body, field));
    if (text && !text->empty())
      return fail_field(Errc::kInvalid, field, "a user has a login, a role and a password here: no {}",
                        field);
  }
  SENT_TRY_ASSIGN(const auto status, optional_string(body, "status"));
  if (status && !status->empty() && *status != "active")
    return fail_field(Errc::kInvalid, "status", "a user is active or deleted");
  const auto* attributes = body.if_contains("attributes");
  if (attributes && attributes->is_object() && !attributes->get_object().empty())
    return fail_field(Errc::kInvalid, "attributes", "a user has no attributes here");
  return {};
}

}  // namespace

/// The token lives for weeks, as Alerta's does: its clients keep it in ~/.netrc and know no refresh.
Result<Reply> login(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto username, optional_string(body, "username"));
  SENT_TRY_ASSIGN(const auto email, optional_string(body, "email"));
  SENT_TRY_ASSIGN(const auto password, required_string(body, "password"));
  const std::string name = username.value_or(email.value_or(""));
  if (name.empty()) return fail_field(Errc::kInvalid, "username", "Must supply 'username' and 'password'");
  const std::string client(call.request.headers.get("User-Agent").substr(0, 200));
  SENT_TRY_ASSIGN(const auto tokens,
                  call.server.authenticator.login_without_refresh(name, password, call.request.peer, client));
  if (call.server.logged_in) call.server.logged_in(tokens.caller);
  JsonWriter json;
  json.object().field("token", tokens.access_token);
  return ok_reply(json);
}

Result<Reply> list_users(RequestContext& call) {
  const auto roles = Query::read_any(call.request).all("roles");
  SENT_TRY_ASSIGN(const auto users, native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_users(tx, call.caller.account);
                  }));
  std::uint64_t total = 0;
  JsonWriter json;
  json.object().key("users").array();
  for (const User& user : users) {
    if (!roles.empty() && std::ranges::find(roles, to_string(user.role)) == roles.end()) continue;
    write_user(json, user);
    ++total;
  }
  json.end().field("total", total);
  return ok_reply(json);
}

Result<Reply> post_user(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto email, optional_string(body, "email"));
  SENT_TRY_ASSIGN(const auto given, optional_string(body, "name"));
  SENT_TRY_ASSIGN(const auto password, read_password(body));
  SENT_TRY_ASSIGN(const auto role, read_role(body));
  SENT_TRY(only_what_is_kept(body, {"text"}));
  const std::string name = email.value_or(given.value_or(""));
  if (name.empty() || !password)
    return fail_field(Errc::kInvalid, name.empty() ? "email" : "password",
                      "a user has a login (email) and a password");
  if (email && given && *given != *email)
    return fail_field(Errc::kInvalid, "name", "a user's name is its login here: leave it out");
  SENT_TRY_ASSIGN(const User user, call.server.authenticator.create_user(call.caller.account, name, *password,
                                                                         role.value_or(Role::viewer), false));
  return user_reply(user, 201);
}

Result<Reply> get_user(RequestContext& call) {
  SENT_TRY_ASSIGN(const User user, find_user(call.server, call.caller, call.path_value("id")));
  return user_reply(user);
}

Result<Reply> put_user(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto password, read_password(body));
  SENT_TRY_ASSIGN(const auto role, read_role(body));
  SENT_TRY_ASSIGN(const User known, find_user(call.server, call.caller, call.path_value("id")));
  SENT_TRY(only_what_is_kept(body, {"name", "email", "text"}));
  SENT_TRY_ASSIGN(const User user, change_user(call.server, call.caller, known.id, role, password));
  return user_reply(user);
}

Result<Reply> delete_user(RequestContext& call) {
  SENT_TRY(remove_user(call.server, call.caller, call.path_value("id")));
  return plain_ok();
}

/// A key is shown as a user of that name would be.
Result<Reply> get_me(RequestContext& call) {
  User user;
  user.id = call.caller.id;
  user.name = call.caller.name;
  user.role = call.caller.role;
  user.created = call.server.info.started;
  if (call.caller.kind == Caller::Kind::user) {
    SENT_TRY_ASSIGN(user, native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                      return catalog::find_user(tx, call.caller.id);
                    }));
  }
  return user_reply(user);
}

Result<Reply> put_me(RequestContext& call) {
  if (call.caller.kind != Caller::Kind::user)
    return fail(Errc::kForbidden, "only a user has a password, not an API key");
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto password, read_password(body));
  SENT_TRY(only_what_is_kept(body, {"name", "email", "text"}));
  if (!password) return fail_field(Errc::kInvalid, "password", "there is nothing else to change");
  SENT_TRY(call.server.authenticator.change_password(call.caller.id, *password));
  return get_me(call);
}

Result<Reply> list_groups_of_user(RequestContext& call) {
  SENT_TRY(find_user(call.server, call.caller, call.path_value("id")));
  return list_groups(call);
}

}  // namespace sentinella::api::alerta
