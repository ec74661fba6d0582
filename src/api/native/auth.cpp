// Logging in, staying logged in, and out again; one's own sessions and password.
#include <algorithm>
#include <optional>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"

namespace sentinella::api::native {
namespace {

constexpr std::string_view kCookie = "sentinella_refresh";

std::string client_of(const net::Request& request) {
  return std::string(request.headers.get("User-Agent").substr(0, 200));
}

/// HttpOnly: scripts never see it. SameSite=Strict: no other site can make a browser send it.
std::string refresh_cookie(std::string_view token, std::int64_t seconds, bool secure) {
  return fmt::format("{}={}; Path=/api/v1/auth; Max-Age={}; HttpOnly; SameSite=Strict{}", kCookie, token,
                     seconds, secure ? "; Secure" : "");
}

std::string cookie_of(const net::Request& request) {
  for (auto item : split(request.headers.get("Cookie"), ';')) {
    item = trim(item);
    if (item.starts_with(kCookie) && item.size() > kCookie.size() && item[kCookie.size()] == '=')
      return std::string(item.substr(kCookie.size() + 1));
  }
  return {};
}

/// The refresh token in the body, else in the cookie; "" when there is none.
Result<std::string> given_refresh_token(const net::Request& request) {
  if (!request.body.empty()) {
    SENT_TRY_ASSIGN(const auto body, json_body(request, {"refresh_token"}));
    SENT_TRY_ASSIGN(const auto token, optional_string(body, "refresh_token"));
    if (token && !token->empty()) return *token;
  }
  return cookie_of(request);
}

std::int64_t seconds(Duration life) {
  return std::chrono::duration_cast<std::chrono::seconds>(life).count();
}

std::string_view kind_name(Caller::Kind kind) {
  switch (kind) {
    case Caller::Kind::user:
      return "user";
    case Caller::Kind::api_key:
      return "api_key";
    case Caller::Kind::agent:
      return "agent";
  }
  return "user";
}

Result<void> write_caller(JsonWriter& json, const Context& server, const Caller& caller) {
  SENT_TRY_ASSIGN(const auto account, account_name(server.database, caller.account));
  json.object()
      .field("id", caller.id)
      .field("name", caller.name)
      .field("kind", kind_name(caller.kind))
      .field("role", to_string(caller.role))
      .field("account", account)
      .field("server_admin", caller.server_admin)
      .end();
  return {};
}

Result<Reply> tokens_reply(const RequestContext& call, const auth::Tokens& tokens) {
  JsonWriter json;
  json.object()
      .field("access_token", tokens.access_token)
      .field("expires_in", seconds(tokens.access_life))
      .field("refresh_token", tokens.refresh_token)
      .key("user");
  SENT_TRY(write_caller(json, call.server, tokens.caller));
  json.end();
  auto reply = json_reply(json.take());
  reply.headers.add("Set-Cookie",
                    refresh_cookie(tokens.refresh_token, seconds(tokens.refresh_life), call.request.secure));
  return reply;
}

/// The answer to a login, as opposed to a refresh.
Result<Reply> welcome(const RequestContext& call, const auth::Tokens& tokens) {
  if (call.server.logged_in) call.server.logged_in(tokens.caller);
  return tokens_reply(call, tokens);
}

Result<void> only_users(const Caller& caller) {
  if (caller.kind == Caller::Kind::user) return {};
  return fail(Errc::kForbidden, "only a user has a password and sessions, not an API key");
}

Result<std::vector<catalog::Session>> own_sessions(const RequestContext& call) {
  SENT_TRY(only_users(call.caller));
  return read_catalog(call.server.database,
                      [&](catalog::Transaction& tx) { return catalog::list_sessions(tx, call.caller.id); });
}

Result<void> delete_sessions(RequestContext& call, const std::vector<catalog::Session>& sessions) {
  return call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    for (const auto& session : sessions) SENT_TRY(catalog::delete_session(tx, session.id));
    return {};
  });
}

}  // namespace

Result<Reply> login(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"name", "password"}));
  SENT_TRY_ASSIGN(const auto name, required_string(body, "name"));
  SENT_TRY_ASSIGN(const auto password, required_string(body, "password"));
  SENT_TRY_ASSIGN(const auto tokens, call.server.authenticator.login(name, password, call.request.peer,
                                                                     client_of(call.request)));
  return welcome(call, tokens);
}

Result<Reply> login_with_link(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"token"}));
  SENT_TRY_ASSIGN(const auto token, required_string(body, "token"));
  SENT_TRY_ASSIGN(const auto tokens,
                  call.server.authenticator.login_with_link(token, client_of(call.request)));
  return welcome(call, tokens);
}

Result<Reply> refresh(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto token, given_refresh_token(call.request));
  if (token.empty()) return fail(Errc::kUnauthorized, "no refresh token in the body or the cookie; log in");
  SENT_TRY_ASSIGN(const auto tokens, call.server.authenticator.refresh(token));
  return tokens_reply(call, tokens);
}

Result<Reply> logout(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto token, given_refresh_token(call.request));
  if (!token.empty()) {
    const auto done = call.server.authenticator.logout(token);
    // A session that is over already is what the caller wants.
    if (!done && done.error().code != Errc::kUnauthorized && done.error().code != Errc::kNotFound)
      return std::unexpected(done.error());
  }
  auto reply = no_content();
  reply.headers.add("Set-Cookie", refresh_cookie("", 0, call.request.secure));
  return reply;
}

Result<Reply> me(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  JsonWriter json;
  SENT_TRY(write_caller(json, call.server, call.caller));
  return json_reply(json.take());
}

Result<Reply> change_own_password(RequestContext& call) {
  SENT_TRY(only_users(call.caller));
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"password"}));
  SENT_TRY_ASSIGN(const auto password, required_string(body, "password"));
  SENT_TRY(call.server.authenticator.change_password(call.caller.id, password));
  return no_content();
}

Result<Reply> list_own_sessions(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto sessions, own_sessions(call));
  return list_reply(sessions, page, [](JsonWriter& json, const catalog::Session& session) {
    json.object()
        .field("id", session.id)
        .field("client", session.client)
        .field("rotated", session.rotated)
        .field("expires", session.expires)
        .end();
  });
}

Result<Reply> end_own_session(RequestContext& call) {
  SENT_TRY_ASSIGN(auto sessions, own_sessions(call));
  std::erase_if(sessions, [&](const auto& session) { return session.id != call.path_value("id"); });
  if (sessions.empty()) return fail(Errc::kNotFound, "you have no such session");
  SENT_TRY(delete_sessions(call, sessions));
  return no_content();
}

Result<Reply> end_own_sessions(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto sessions, own_sessions(call));
  SENT_TRY(delete_sessions(call, sessions));
  return no_content();
}

}  // namespace sentinella::api::native
