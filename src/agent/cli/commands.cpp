#include "agent/cli/commands.h"

#include <ostream>

#include <sysexits.h>

#include "agent/config/config.h"
#include "agent/discover/discover.h"
#include "agent/metric_table.h"
#include "agent/status.h"
#include "base/file.h"

namespace sentinella::agent {

std::string_view help_text() {
  return R"(Usage: sentinella [OPTIONS] COMMAND [ARGS]...

sentinella: watches the OpenStack services of this node and sends metrics,
logs and state to a Sentinella server

Options:
  --version                  Show the version and exit.
  -c, --config <file>        specify a different config file
                             [/etc/sentinella/sentinella.conf]
  -p, --pidfile <file>       specify a different pidfile file
                             [/var/run/sentinella/sentinella.pid]
  --help                     Show this message and exit.

Commands:
  clear      remove all plugins from configuration
  discover   show the services that run here, and what proves it
  doctor     look for what is wrong, and say how to mend it
  disable    disable one or more plugins
  enable     enable one or more plugins
  import     send old logs: FILE..., also *.gz and *.zst, - for standard input
               --service <name>, --host <name>  instead of what path and node say
               --format <name>, --zone <+02:00>  of times without one
               --again  also what was imported before
  index      make and sign the index of the plugins in a DIRECTORY
               --signing-key <file>  a private Ed25519 key in PEM
               --valid-days <number>  [365]
  init       look at what runs here, ask, write the configuration
               --yes  take what was found without questions
               --account-key <key> (or SENTINELLA_ACCOUNT_KEY), --server-url <url>,
               --pinned-sha256 <hex> or --ca-file <file>  whom to trust over https,
               --state-dir <dir>, --log-file <file>, --force
  install    install a plugin from a DIRECTORY, or NAME [VERSION] from the signed
             index of the configuration; likewise reinstall, upgrade;
             uninstall takes its name
  list       list installed plugins (--compact: names only), and those of the
             index (--available)
  metrics    list the metrics this agent sends (--markdown)
  run        run the agent in the foreground
               --once  one round, then end; --print  show instead of send
  show       show the list of enabled plugins (--json)
  status     how the running agent is, and what to mend (--json)

The first steps on a node:
  sentinella init            write /etc/sentinella/sentinella.conf
  sentinella run --once --print
                             see what would be sent, without sending it
  sentinella run             run; a service manager does this at boot
  sentinella status          in another terminal
)";
}

std::string config_path(const Arguments& arguments) {
  return arguments.get("config").value_or(std::string(kDefaultConfigFile));
}

std::filesystem::path plugins_directory(const std::filesystem::path& config_file) {
  return config_file.parent_path() / "plugins";
}

int status_command(const Arguments& arguments, Console console) {
  const auto text = read_file(config_path(arguments), 16 << 20);
  const auto loaded = text ? parse_config(*text) : Result<LoadedConfig>(std::unexpected(text.error()));
  if (!loaded) {
    console.err << kInvalidConfigText << "\n" << describe(loaded.error()) << "\n";
    return 1;
  }
  const auto& configured = loaded->config.state_dir;
  const auto answer = ask_status((configured.empty() ? default_state_dir() : configured) / "status.sock");
  if (!answer) {
    console.err << describe(answer.error()) << "\n";
    return answer.error().code == Errc::kForbidden ? EX_NOPERM : EX_UNAVAILABLE;
  }
  if (arguments.has("json")) {
    console.out << *answer << "\n";
    return 0;
  }
  const auto shown = status_text(*answer);
  if (!shown) {
    console.err << describe(shown.error()) << "\n";
    return EX_PROTOCOL;
  }
  console.out << *shown;
  return 0;
}

int discover_command(Console console) {
  for (const Finding& finding : find_services(look_around(ProcFs()))) {
    if (finding.service.enabled)
      console.out << fmt::format("{:<28} {}; log {}\n", finding.service.name, finding.evidence,
                                 finding.service.log.empty() ? "none" : finding.service.log);
    else if (finding.starts_at_boot)
      console.out << fmt::format("{:<28} starts at boot and does not run\n", finding.service.name);
  }
  return 0;
}

int run_command(const Arguments& arguments, Console console) {
  if (arguments.has("version")) {
    console.out << "sentinella " << kVersion << "\n";
    return 0;
  }
  if (arguments.has("help") || arguments.command.empty()) {
    console.out << help_text();
    return 0;
  }
  if (arguments.command == "init") return init_command(arguments, console);
  if (arguments.command == "import") return import_command(arguments, console);
  if (arguments.command == "run") return agent_command(arguments, console);
  if (arguments.command == "status") return status_command(arguments, console);
  if (arguments.command == "discover") return discover_command(console);
  if (arguments.command == "doctor") return doctor_command(arguments, console);
  for (std::string_view command : {"install", "reinstall", "upgrade", "uninstall"})
    if (arguments.command == command) return install_command(arguments, console);
  if (arguments.command == "index") return index_command(arguments, console);
  if (arguments.command == "metrics") {
    if (arguments.has("markdown"))
      console.out << metrics_markdown();
    else
      for (const MetricInfo& info : kMetrics) console.out << info.name << "\n";
    return 0;
  }
  return plugin_command(arguments, console);
}

}  // namespace sentinella::agent
