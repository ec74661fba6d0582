// sentinella-server: serves, or, with a command, talks to a server that runs.
#include <csignal>
#include <cstdio>
#include <functional>
#include <iostream>
#include <optional>
#include <string>

#include <malloc.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/log.h"
#include "net/http.h"
#include "server/cli/commands.h"
#include "server/config.h"
#include "server/self_watch.h"
#include "server/server.h"
#include "server/telemetry.h"
#include "server/version.h"

namespace {

using namespace sentinella;
using namespace sentinella::server;

/// What is free in one arena of malloc's is of no use to the threads of another, and the hot paths allocate
/// little.
constexpr int kMallocArenas = 2;
/// From here on a buffer goes back to the system when it is freed. malloc's own threshold grows with what was
/// freed: some long answers, and their memory stays with the process.
constexpr int kMallocMapped = 1 << 20;

struct Overrides {
  std::string config_file, data_dir, listen, ui_dir, log_file, log_level, public_url;
  std::string role = "all";
  bool demo_self = false;
};

Result<Config> configure(const Overrides& given) {
  Config config;
  if (!given.config_file.empty()) {
    SENT_TRY_ASSIGN(config, load_config(given.config_file));
  }
  if (!given.data_dir.empty()) config.data_dir = given.data_dir;
  if (!given.listen.empty()) config.listen = given.listen;
  if (!given.ui_dir.empty()) config.ui_dir = given.ui_dir;
  if (!given.log_file.empty()) config.log_file = given.log_file;
  if (!given.public_url.empty()) config.public_url = given.public_url;
  if (!given.log_level.empty()) {
    SENT_TRY_ASSIGN(config.log_level, log::parse_level(given.log_level));
  }
  SENT_TRY(parse_listen(config.listen));
  return config;
}

int fail_with(const Error& error) {
  std::cerr << "sentinella-server: " << describe(error) << "\n";
  return exit_code(error.code);
}

/// What somebody who looks for the first time needs, on one screen.
Result<SelfWatch> watch_this_host(const Config& config, const std::string& url) {
  SENT_TRY_ASSIGN(SelfWatch self, SelfWatch::start(config, url));
  std::cout << "Apollo:   " << (self.login_link().empty() ? url : self.login_link()) << "\n"
            << "data:     " << config.data_dir.string() << "\n"
            << "watching: this host, until the server ends" << std::endl;
  return self;
}

/// Returns at SIGINT and SIGTERM; `reload` is called at SIGHUP.
void wait_for_the_end(const sigset_t& signals, const std::function<void()>& reload) {
  for (int number = 0;;) {
    sigwait(&signals, &number);
    if (number != SIGHUP) break;
    log::reopen();
    reload();
  }
  log::info("server", "stopping");
}

int fail_to_start(const Error& error) {
  log::write(log::Level::critical, "server", "cannot start: " + describe(error));
  return fail_with(error);
}

int serve(const Overrides& overrides) {
  ::mallopt(M_ARENA_MAX, kMallocArenas);
  ::mallopt(M_MMAP_THRESHOLD, kMallocMapped);
  const auto config = configure(overrides);
  if (!config) return fail_with(config.error());
  if (auto opened = log::configure(config->log_level, config->log_file.string()); !opened)
    return fail_with(opened.error());

  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  for (int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  if (overrides.role == "telemetry") {
    auto telemetry = start_telemetry_alone(config->telemetry, config->data_dir / "telemetry");
    if (!telemetry) return fail_to_start(telemetry.error());
    wait_for_the_end(signals, [] {});
    telemetry->agent->stop();
    telemetry->end();
  } else {
    auto server = Server::start(*config);
    if (!server) return fail_to_start(server.error());
    std::optional<SelfWatch> self;
    if (overrides.demo_self) {
      auto started = watch_this_host(*config, (*server)->url());
      if (!started) return fail_to_start(started.error());
      self.emplace(*std::move(started));
    }
    ::malloc_trim(0);  // what was read and parsed at the start
    wait_for_the_end(signals, [&] { (*server)->reload(); });
    self.reset();
    server->reset();
  }
  log::info("server", "stopped");
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Sentinella's server: keeps metrics, logs and events, decides what is wrong, tells people.\n"
      "Without a command it serves until SIGTERM; SIGHUP re-reads certificates and reopens the log.");
  app.set_version_flag("--version", std::string(kVersion));
  Overrides overrides;
  app.add_option("--config", overrides.config_file, "INI file; `sentinella-server config-sample` prints one");
  app.add_option("--data-dir", overrides.data_dir, "where everything is kept");
  app.add_option("--listen", overrides.listen,
                 "HOST:PORT, default 127.0.0.1:8420; beyond loopback it speaks TLS");
  app.add_option("--public-url", overrides.public_url, "how people reach the UI, for links in notifications");
  app.add_option("--ui-dir", overrides.ui_dir, "the built web UI");
  app.add_option("--log-file", overrides.log_file, "default: standard error");
  app.add_option("--log-level", overrides.log_level, "DEBUG, INFO, WARNING, ERROR, CRITICAL");
  app.add_option(
         "--role", overrides.role,
         "all, or telemetry: only the notification agent, beside a message broker, for a server elsewhere")
      ->check(CLI::IsMember({"all", "telemetry"}));
  app.add_flag("--demo-self", overrides.demo_self,
               "for a first look: watches this host too, and prints a link that logs in once; loopback only");
  app.fallthrough();
  int status = EX_OK;
  add_commands(app, overrides.data_dir, status);
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? EX_OK : EX_USAGE;
  }
  return app.get_subcommands().empty() ? serve(overrides) : status;
}
