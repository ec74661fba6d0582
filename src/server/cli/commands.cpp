#include "server/cli/commands.h"

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <thread>

#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "auth/authenticator.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/database.h"
#include "rules/rule_file.h"
#include "server/bootstrap.h"
#include "server/cli/api_client.h"
#include "server/cli/backup_commands.h"
#include "server/cli/dead_letter_commands.h"
#include "server/cli/gnocchi_conf.h"
#include "server/cli/gnocchi_import.h"
#include "server/cli/log_parse.h"
#include "server/cli/log_text.h"
#include "server/cli/query_text.h"
#include "server/cli/rules_commands.h"
#include "server/cli/table.h"
#include "server/config.h"

namespace sentinella::server {
namespace {

using Run = std::function<Result<std::string>()>;

/// What the commands share: options, and how a result reaches the terminal.
struct Session {
  const std::string& data_dir;
  int& status;
  ApiAccess access;
  std::string name, role = "viewer", id, file;
  QueryOptions query = {};
  std::string log_line{};
  LogParseOptions log_parse{};
  LogSearchOptions log_search{};
  bool follow = false;
  std::string fail_on = "error";
  double days = 30;
  std::size_t letters = 50;
  bool all = false;
  GnocchiAccess gnocchi_from{}, gnocchi_to{};
  std::string state_file = "gnocchi-import.state";

  void on_call(CLI::App* command, Run run) {
    command->callback([this, run = std::move(run)] {
      const auto out = run();
      if (out) {
        std::cout << *out;
        return;
      }
      std::cerr << "sentinella-server: " << describe(out.error()) << "\n";
      status = exit_code(out.error().code);
    });
  }

  Result<boost::json::value> api(const std::string& method, const std::string& path,
                                 const std::string& body = {}) {
    SENT_TRY_ASSIGN(const ApiAccess found, find_access(access, data_dir));
    return call(found, method, path, body);
  }

  std::filesystem::path data() const {
    return data_dir.empty() ? Config{}.data_dir : std::filesystem::path(data_dir);
  }

  Fetch fetch() {
    return [this](const std::string& path) { return api("GET", path); };
  }

  Result<std::string> list(const std::string& path, const std::vector<std::string>& columns) {
    SENT_TRY_ASSIGN(const auto answer, api("GET", path + "?page_size=1000"));
    return format_table(answer.as_object().at("items").as_array(), columns);
  }

  /// Asks without echo where there is a terminal; else takes the first line of standard input.
  static Result<std::string> ask_password() {
    if (std::string line; !::isatty(STDIN_FILENO)) {
      if (!std::getline(std::cin, line) || line.empty())
        return fail(Errc::kInvalid, "no password on standard input");
      return line;
    }
    const char* typed = ::getpass("Password (12 characters at least): ");
    if (typed == nullptr || *typed == '\0') return fail(Errc::kInvalid, "no password given");
    return std::string(typed);
  }
};

void add_server_options(CLI::App* command, Session& session) {
  command->add_option("--server", session.access.url, "URL of the server (SENTINELLA_URL)");
  command->add_option("--api-key", session.access.api_key,
                      "API key (SENTINELLA_API_KEY; default: DATA/bootstrap.json)");
  command->add_option("--ca-file", session.access.ca_file, "PEM certificate to trust");
}

CLI::App* add_group(CLI::App& app, Session& session, const std::string& name, const std::string& help) {
  CLI::App* group = app.add_subcommand(name, help);
  group->require_subcommand(1);
  add_server_options(group, session);
  group->fallthrough();
  return group;
}

void add_accounts(CLI::App& app, Session& s) {
  CLI::App* group = add_group(app, s, "account", "tenants of this server");
  s.on_call(group->add_subcommand("list", "every account"),
            [&s] { return s.list("/api/v1/accounts", {"id", "name", "created"}); });
  CLI::App* create =
      group->add_subcommand("create", "a new account with an admin of its own; asks for the password");
  create->add_option("name", s.name, "letters, digits, '-'")->required();
  s.on_call(create, [&s]() -> Result<std::string> {
    SENT_TRY_ASSIGN(const std::string password, Session::ask_password());
    JsonWriter json;
    json.object()
        .field("name", s.name)
        .field("admin_user", s.name + "-admin")
        .field("admin_password", password)
        .end();
    SENT_TRY_ASSIGN(const auto answer, s.api("POST", "/api/v1/accounts", json.str()));
    return boost::json::serialize(answer) + "\n";
  });
}

void add_users(CLI::App& app, Session& s) {
  CLI::App* group = add_group(app, s, "user", "people of your account");
  s.on_call(group->add_subcommand("list", "every user"),
            [&s] { return s.list("/api/v1/users", {"id", "name", "role", "created"}); });
  CLI::App* create = group->add_subcommand("create", "a new user; asks for the password");
  create->add_option("name", s.name, "login")->required();
  create->add_option("--role", s.role, "viewer, responder, operator or admin");
  s.on_call(create, [&s]() -> Result<std::string> {
    SENT_TRY_ASSIGN(const std::string password, Session::ask_password());
    JsonWriter json;
    json.object().field("name", s.name).field("role", s.role).field("password", password).end();
    SENT_TRY_ASSIGN(const auto answer, s.api("POST", "/api/v1/users", json.str()));
    return boost::json::serialize(answer) + "\n";
  });
  CLI::App* remove = group->add_subcommand("delete", "takes a user away");
  remove->add_option("id", s.id)->required();
  s.on_call(remove, [&s]() -> Result<std::string> {
    SENT_TRY(s.api("DELETE", "/api/v1/users/" + s.id));
    return "deleted\n";
  });
}

void add_keys(CLI::App& app, Session& s) {
  CLI::App* group = add_group(app, s, "key", "API keys of your account");
  s.on_call(group->add_subcommand("list", "every key, without its secret"), [&s] {
    return s.list("/api/v1/keys", {"id", "name", "role", "created", "expires", "last_used"});
  });
  CLI::App* create = group->add_subcommand("create", "a new key; it is shown this once");
  create->add_option("name", s.name, "what it is for")->required();
  create->add_option("--role", s.role, "viewer, responder, operator or admin");
  s.on_call(create, [&s]() -> Result<std::string> {
    JsonWriter json;
    json.object().field("name", s.name).field("role", s.role).end();
    SENT_TRY_ASSIGN(const auto answer, s.api("POST", "/api/v1/keys", json.str()));
    return std::string(answer.as_object().at("key").as_string()) + "\n";
  });
  CLI::App* remove = group->add_subcommand("delete", "revokes a key at once");
  remove->add_option("id", s.id)->required();
  s.on_call(remove, [&s]() -> Result<std::string> {
    SENT_TRY(s.api("DELETE", "/api/v1/keys/" + s.id));
    return "deleted\n";
  });
}

void add_rules(CLI::App& app, Session& s) {
  CLI::App* group = add_group(app, s, "rules", "rule files");
  CLI::App* test = group->add_subcommand("test", "runs unit tests of rules, without a server");
  test->add_option("file", s.file, "a test file in promtool's notation")->required();
  s.on_call(test, [&s] { return test_rules(s.file); });
  CLI::App* lint = group->add_subcommand("lint", "checks a rule file without a server");
  lint->add_option("file", s.file)->required();
  lint->add_option("--fail-on", s.fail_on, "hint, warning or error (default)")
      ->check(CLI::IsMember({"hint", "warning", "error"}));
  s.on_call(lint, [&s] { return lint_rule_file(s.file, s.fail_on); });
  CLI::App* backtest =
      group->add_subcommand("backtest", "what the rules of a file would have said in the last days");
  backtest->add_option("file", s.file)->required();
  backtest->add_option("--days", s.days, "so far back (default: 30)")->check(CLI::Range(0.01, 90.0));
  s.on_call(backtest, [&s] {
    return backtest_rule_file(
        s.file, s.days, [&s](const std::string& method, const std::string& path, const std::string& body) {
          return s.api(method, path, body);
        });
  });
  CLI::App* import = group->add_subcommand("import", "adds the rules of a file, Prometheus' groups too");
  import->add_option("file", s.file)->required();
  s.on_call(import, [&s]() -> Result<std::string> {
    SENT_TRY_ASSIGN(const std::string text, read_file(s.file, 1 << 20));
    SENT_TRY_ASSIGN(const auto items, rules::parse_rule_file(text));
    for (const rules::RuleText& item : items) {
      JsonWriter json;
      json.object().field("yaml", item.yaml).end();
      SENT_TRY(s.api("POST", "/api/v1/rules", json.str()));
    }
    return fmt::format("{}: {} added\n", s.file, items.size());
  });
  CLI::App* report =
      group->add_subcommand("report", "the week's alerts by team: what they cost, what came of them");
  s.on_call(report, [&s]() -> Result<std::string> {
    SENT_TRY_ASSIGN(const auto answer, s.api("GET", "/api/v1/rules/report"));
    return std::string(answer.as_object().at("text").as_string());
  });
}

void add_query(CLI::App& app, Session& s) {
  CLI::App* command = app.add_subcommand("query", "evaluates a PromQL expression, now or over a range");
  add_server_options(command, s);
  command->add_option("expression", s.query.expression, "sum by (host) (rate(x_total[5m]))")->required();
  command->add_option("--at", s.query.at, "instant: RFC 3339, Unix seconds, now-15m (default: now)");
  command->add_option("--from", s.query.from, "begin of a range (default: now-1h)");
  command->add_option("--until", s.query.until, "its end (default: now)");
  command->add_option("--step", s.query.step, "between its points, as 30s (default: a sixtieth of it)");
  command->add_flag("--chart", s.query.chart, "draws the range");
  s.on_call(command, [&s]() -> Result<std::string> {
    SENT_TRY_ASSIGN(const std::string path, query_path(s.query, system_clock().now()));
    SENT_TRY_ASSIGN(const auto answer, s.api("GET", path));
    return format_answer(answer.as_object(), s.query.chart);
  });
}

bool terminal_has_colours() {
  return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

/// Until the reader of our output, or the user, ends it.
Result<std::string> follow_logs(Session& s) {
  SENT_TRY_ASSIGN(const ApiAccess access, find_access(s.access, s.data_dir));
  const auto done = follow_log_text(
      s.log_search,
      [&access](const std::string& path, const std::string& last_id, const auto& piece) {
        return stream(access, path, last_id, piece);
      },
      [](const std::string& text) {
        std::cout << text << std::flush;
        return std::cout.good();
      },
      [] {
        std::this_thread::sleep_for(1s);
        return true;
      });
  if (!done) return std::unexpected(done.error());
  return "";
}

void add_log_search(CLI::App& group, Session& s) {
  CLI::App* search =
      group.add_subcommand("search", "finds log records, or counts them with | count and the like");
  add_server_options(search, s);
  search->add_option("query", s.log_search.query, "service:nova-compute severity>=error \"timed out\"");
  search->add_option("--from", s.log_search.from, "RFC 3339 or now-15m (default: now-1h)");
  CLI::Option* until = search->add_option("--until", s.log_search.until, "default: now");
  search->add_option("--limit", s.log_search.limit, "the newest so many (default: 100)")
      ->check(CLI::Range(1, 1000));
  search->add_flag("--json", s.log_search.json, "one JSON object a record");
  search->add_flag("--follow", s.follow, "goes on with what comes")->excludes(until);
  s.on_call(search, [&s]() -> Result<std::string> {
    s.log_search.colour = terminal_has_colours();
    return s.follow ? follow_logs(s) : search_log_text(s.log_search, s.fetch());
  });
  CLI::App* story = group.add_subcommand("backtrace", "the story of a request across nodes and services");
  add_server_options(story, s);
  story->add_option("id", s.id, "req-..., or the id of an instance, a log record or an alert")->required();
  s.on_call(story, [&s] { return backtrace_text(s.id, terminal_has_colours(), s.fetch()); });
}

void add_logs(CLI::App& app, Session& s) {
  CLI::App* group = app.add_subcommand("logs", "log lines");
  group->require_subcommand(1);
  add_log_search(*group, s);
  CLI::App* parse = group->add_subcommand("parse", "shows what becomes of a log line, without a server");
  parse->add_option("line", s.log_line, "the line; without it all of standard input");
  parse->add_option("--format", s.log_parse.format, "take it as this format (default: recognised by itself)");
  parse->add_option("--pattern", s.log_parse.pattern,
                    "regular expression with named groups; grok's %{NAME:field} too");
  parse->add_option("--zone", s.log_parse.zone, "offset of times without one, as +02:00 (default: UTC)");
  parse->add_flag("--json", s.log_parse.json, "one JSON object a record");
  s.on_call(parse, [&s]() -> Result<std::string> {
    if (s.log_line.empty()) s.log_line.assign(std::istreambuf_iterator<char>(std::cin), {});
    return parse_log_text(s.log_line, s.log_parse, system_clock().now());
  });
}

void add_dead_letters(CLI::App& app, Session& s) {
  CLI::App* group =
      add_group(app, s, "dead-letters", "messages of OpenStack's message bus that could not be taken");
  const auto ask = [&s](const std::string& method, const std::string& path) { return s.api(method, path); };
  CLI::App* list = group->add_subcommand("list", "the newest, with the reason of each");
  list->add_option("--limit", s.letters, "so many")->check(CLI::Range(1, 500))->capture_default_str();
  s.on_call(list, [&s, ask] { return list_dead_letters(s.letters, ask); });
  CLI::App* show = group->add_subcommand("show", "one with its body, tokens and passwords masked");
  show->add_option("id", s.id)->required();
  s.on_call(show, [&s, ask] { return show_dead_letter(s.id, ask); });
  CLI::App* replay =
      group->add_subcommand("replay", "takes one once more, or all; it goes when that succeeds");
  CLI::Option* id = replay->add_option("id", s.id);
  replay->add_flag("--all", s.all, "every one that is there")->excludes(id);
  s.on_call(replay, [&s, ask]() -> Result<std::string> {
    if (s.all) return replay_all_dead_letters(ask);
    if (s.id.empty()) return fail(Errc::kInvalid, "give the id of a message, or --all");
    return replay_dead_letter(s.id, ask);
  });
  CLI::App* remove = group->add_subcommand("delete", "throws one away");
  remove->add_option("id", s.id)->required();
  s.on_call(remove, [&s, ask] { return delete_dead_letter(s.id, ask); });
}

void add_backup(CLI::App& app, Session& s) {
  CLI::App* backup = app.add_subcommand(
      "backup", "copies everything the server keeps, whether it runs (as server admin) or not");
  add_server_options(backup, s);
  backup->add_option("directory", s.file, "on the server's machine; empty, or made")->required();
  s.on_call(backup, [&s] {
    return backup_command(s.access, s.data(), s.file,
                          [](const std::string& part) { std::cerr << "copying " << part << "\n"; });
  });
  CLI::App* restore = app.add_subcommand("restore", "makes a data directory of a backup; overwrites nothing");
  restore->add_option("directory", s.file, "the backup")->required();
  s.on_call(restore, [&s] { return restore_command(s.file, s.data()); });
}

void add_gnocchi_conf(CLI::App& app, Session& s) {
  CLI::App* command = app.add_subcommand("gnocchi-conf", "prints a gnocchi.conf as a section of server.conf");
  command->add_option("file", s.file, "a gnocchi.conf")->required();
  s.on_call(command, [&s]() -> Result<std::string> {
    SENT_TRY_ASSIGN(const std::string text, read_file(s.file, 1 << 20));
    return map_gnocchi_conf(text);
  });
}

void add_import(CLI::App& app, Session& s) {
  CLI::App* group = add_group(app, s, "import", "brings over what another program has kept");
  CLI::App* command = group->add_subcommand(
      "gnocchi",
      "from a running Gnocchi: policies, resource types, resources with history, metrics, measures");
  command->add_option("--from", s.gnocchi_from.url, "its URL, up to /v1")->required();
  command->add_option("--from-token", s.gnocchi_from.token, "X-Auth-Token of an admin there")
      ->envname("GNOCCHI_TOKEN");
  command->add_option("--from-user", s.gnocchi_from.user, "NAME or NAME:PASSWORD, for its basic mode");
  command->add_option(
      "--to-token", s.gnocchi_to.token,
      "X-Auth-Token of an admin here, when [gnocchi] auth_mode is keystone (default: the API key)");
  command->add_option("--to-user", s.gnocchi_to.user, "NAME, when it is basic");
  command->add_option("--state", s.state_file, "remembers how far it went; run again to go on")
      ->capture_default_str();
  s.on_call(command, [&s]() -> Result<std::string> {
    SENT_TRY_ASSIGN(const ApiAccess here, find_access(s.access, s.data_dir));
    s.gnocchi_to.url = here.url + "/gnocchi";
    s.gnocchi_to.ca_file = s.gnocchi_from.ca_file = here.ca_file;
    if (s.gnocchi_to.token.empty() && s.gnocchi_to.user.empty()) s.gnocchi_to.key = here.api_key;
    return import_gnocchi({connect_gnocchi(s.gnocchi_from), connect_gnocchi(s.gnocchi_to), s.gnocchi_from.url,
                           s.state_file, [](const std::string& text) { std::cerr << text << "\n"; }});
  });
}

void add_login_link(CLI::App& app, Session& s) {
  CLI::App* command =
      app.add_subcommand("login-link", "prints a link that logs the admin in once, within an hour");
  s.on_call(command, [&s]() -> Result<std::string> {
    const std::filesystem::path data = s.data();
    auto url = read_file(data / "ready");
    if (!url) return fail(Errc::kUnavailable, "no server runs on {}", data.string());
    SENT_TRY_ASSIGN(const auto database, catalog::open_sqlite(data / "catalog.db"));
    SENT_TRY_ASSIGN(const auto authenticator, auth::Authenticator::create(*database, system_clock()));
    SENT_TRY_ASSIGN(const std::string link,
                    make_login_link(*database, *authenticator, std::string(trim(*url)), 1h));
    return link + "\n";
  });
}

}  // namespace

int exit_code(Errc code) {
  switch (code) {
    case Errc::kInvalid:
      return EX_USAGE;
    case Errc::kNotFound:
      return EX_NOINPUT;
    case Errc::kUnauthorized:
    case Errc::kForbidden:
      return EX_NOPERM;
    case Errc::kUnavailable:
      return EX_UNAVAILABLE;
    case Errc::kIo:
    case Errc::kNoSpace:
      return EX_IOERR;
    case Errc::kUnsupported:
      return EX_CONFIG;
    case Errc::kCorrupt:
      return EX_DATAERR;
    default:
      return EX_SOFTWARE;
  }
}

void add_commands(CLI::App& app, const std::string& data_dir, int& status) {
  // Lives as long as the callbacks do: until the program ends.
  static std::unique_ptr<Session> session;
  session.reset(new Session{data_dir, status, {}, {}, "viewer", {}, {}});
  app.add_subcommand("config-sample", "prints every option with its default")->callback([] {
    std::cout << config_sample();
  });
  add_login_link(app, *session);
  add_accounts(app, *session);
  add_users(app, *session);
  add_keys(app, *session);
  add_rules(app, *session);
  add_query(app, *session);
  add_logs(app, *session);
  add_dead_letters(app, *session);
  add_backup(app, *session);
  add_gnocchi_conf(app, *session);
  add_import(app, *session);
}

}  // namespace sentinella::server
