#include "server/bootstrap.h"

#include <algorithm>
#include <set>

#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "rules/default_pack.h"
#include "rules/rule_file.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kDone = "bootstrapped";
constexpr std::string_view kAdmin = "admin";
constexpr std::string_view kDefault = "default";

Result<Account> default_account(catalog::Transaction& tx, Time now) {
  auto found = catalog::find_account(tx, std::string(kDefault));
  if (!found && found.error().code == Errc::kNotFound)
    return catalog::create_account(tx, std::string(kDefault), now);
  return found;
}

Result<User> admin_user(catalog::Database& database, auth::Authenticator& authenticator, AccountId account,
                        const std::string& password) {
  Result<User> admin = fail(Errc::kNotFound, "no admin");
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    admin = catalog::find_user_by_name(tx, std::string(kAdmin));
    return {};
  }));
  if (!admin) return authenticator.create_user(account, std::string(kAdmin), password, Role::admin, true);
  SENT_TRY(authenticator.change_password(admin->id, password));
  return admin;
}

Result<boost::json::object> read_object(const std::filesystem::path& file) {
  SENT_TRY_ASSIGN(const std::string text, read_file(file, 1 << 16));
  return parse_json_object(text);
}

Result<void> write_object(const std::filesystem::path& file, const boost::json::object& object) {
  JsonWriter json;
  json.object();
  for (const auto& member : object)
    json.field(std::string_view(member.key()), std::string_view(member.value().get_string()));
  return write_file_atomic(file, json.end().str() + "\n", 0600);
}

}  // namespace

Result<void> install_default_rules(catalog::Transaction& tx, AccountId account, Time now) {
  SENT_TRY_ASSIGN(const auto present, catalog::list_rules(tx, account));
  std::set<std::string> in_pack;
  for (std::string_view file : rules::default_rule_files()) {
    SENT_TRY_ASSIGN(const auto pack, rules::parse_rule_file(file));
    for (const rules::RuleText& text : pack) {
      in_pack.insert(text.id);
      const auto old = std::ranges::find(present, text.id, &catalog::StoredRule::id);
      if (old != present.end() && (!old->builtin || old->version > 1 || old->yaml == text.yaml)) continue;
      catalog::StoredRule rule{account, text.id, text.yaml, true, true, 1, now, "default pack"};
      if (old != present.end()) SENT_TRY(catalog::delete_rule(tx, account, rule.id));
      SENT_TRY(catalog::put_rule(tx, rule, std::nullopt));
    }
  }
  for (const catalog::StoredRule& rule : present)
    if (rule.builtin && rule.version == 1 && !in_pack.contains(rule.id))
      SENT_TRY(catalog::delete_rule(tx, account, rule.id));
  return {};
}

Result<void> prepare_accounts(catalog::Database& database, Time now) {
  return database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(default_account(tx, now));
    SENT_TRY_ASSIGN(const auto accounts, catalog::list_accounts(tx));
    for (const Account& account : accounts) SENT_TRY(install_default_rules(tx, account.id, now));
    return {};
  });
}

Result<void> bootstrap(catalog::Database& database, auth::Authenticator& authenticator,
                       const std::filesystem::path& file, const std::string& url) {
  std::optional<std::string> done;
  Account account;
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(done, catalog::get_setting(tx, std::string(kDone)));
    SENT_TRY_ASSIGN(account, catalog::find_account(tx, std::string(kDefault)));
    return {};
  }));
  if (done) return note_url(file, url);

  const std::string password = random_token(18);
  SENT_TRY_ASSIGN(const User admin, admin_user(database, authenticator, account.id, password));
  SENT_TRY_ASSIGN(const std::string account_key, authenticator.rotate_account_key(account.id));
  SENT_TRY_ASSIGN(const std::string api_key,
                  authenticator.create_api_key(account.id, "bootstrap", Role::admin, std::nullopt, true));
  SENT_TRY_ASSIGN(const std::string link, authenticator.make_login_token(admin, 24h));
  SENT_TRY(write_object(file, {{"url", url},
                               {"admin_user", kAdmin},
                               {"admin_password", password},
                               {"account_key", account_key},
                               {"api_key", api_key},
                               {"login_link", url + "/login#" + link}}));
  log::info("server.bootstrap", "first start: keys and the admin's password are in {}", file.string());
  return database.write(
      [&](catalog::Transaction& tx) { return catalog::set_setting(tx, std::string(kDone), "1"); });
}

void forget_password(const std::filesystem::path& file) {
  auto object = read_object(file);
  if (!object || !object->contains("admin_password")) return;
  object->erase("admin_password");
  object->erase("login_link");
  if (const auto written = write_object(file, *object); !written)
    log::warning("server.bootstrap", "cannot take the admin's password out of {}: {}", file.string(),
                 describe(written.error()));
}

Result<void> note_url(const std::filesystem::path& file, const std::string& url) {
  auto object = read_object(file);
  if (!object) return {};  // somebody has put the secrets elsewhere and deleted it
  if (const auto* old = object->if_contains("url"); old && *old == boost::json::value(url)) return {};
  object->insert_or_assign("url", url);
  return write_object(file, *object);
}

Result<std::string> make_login_link(catalog::Database& database, auth::Authenticator& authenticator,
                                    const std::string& url, Duration life) {
  Result<User> admin = fail(Errc::kNotFound, "no admin");
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    admin = catalog::find_user_by_name(tx, std::string(kAdmin));
    return {};
  }));
  SENT_TRY(admin);
  SENT_TRY_ASSIGN(const std::string token, authenticator.make_login_token(*admin, life));
  return url + "/login#" + token;
}

}  // namespace sentinella::server
