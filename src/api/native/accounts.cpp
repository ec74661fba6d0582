// The accounts of this server: for its administrator only, and the one place where a request names an
// account.
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

void write_account(JsonWriter& json, const Account& account) {
  json.object().field("name", account.name).field("created", account.created).end();
}

/// A new account, or one that a failure left without people.
Result<Account> make_account(RequestContext& call, const std::string& name) {
  Account account;
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    const auto there = catalog::find_account(tx, name);
    if (!there) {
      SENT_TRY_ASSIGN(account, catalog::create_account(tx, name, call.server.clock.now()));
      return {};
    }
    account = *there;
    SENT_TRY_ASSIGN(const auto users, catalog::list_users(tx, account.id));
    if (!users.empty()) return fail_field(Errc::kConflict, "name", "there is an account {} already", name);
    return {};
  }));
  return account;
}

}  // namespace

Result<Reply> list_accounts(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto accounts, read_catalog(call.server.database, catalog::list_accounts));
  return list_reply(accounts, page, write_account);
}

Result<Reply> create_account(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"name", "admin_user", "admin_password"}));
  SENT_TRY_ASSIGN(const auto name, required_text(body, "name", 63));
  SENT_TRY_ASSIGN(const auto admin, required_text(body, "admin_user", 100));
  SENT_TRY_ASSIGN(const auto password, required_string(body, "admin_password"));
  const auto taken = read_catalog(
      call.server.database, [&](catalog::Transaction& tx) { return catalog::find_user_by_name(tx, admin); });
  if (taken) return fail_field(Errc::kConflict, "admin_user", "the name {} is taken", admin);
  SENT_TRY_ASSIGN(const auto account, make_account(call, name));
  SENT_TRY(call.server.prepare_account(account.id));
  SENT_TRY_ASSIGN(const auto user,
                  call.server.authenticator.create_user(account.id, admin, password, Role::admin, false));
  SENT_TRY_ASSIGN(const auto key, call.server.authenticator.rotate_account_key(account.id));
  JsonWriter json;
  json.object()
      .field("name", account.name)
      .field("created", account.created)
      .field("admin_user", user.name)
      .field("account_key", key)
      .end();
  return json_reply(json.take(), 201);
}

}  // namespace sentinella::api::native
