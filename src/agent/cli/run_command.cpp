#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <fcntl.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/cli/commands.h"
#include "agent/remote/settings_overlay.h"
#include "agent/remote/settings_state.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxConfig = 16 << 20;
/// An agent that ended so often with settings on trial ended because of them.
constexpr std::uint64_t kTrialStarts = 3;

/// Locked as long as the descriptor lives, so that a stale file of a killed agent is in nobody's way.
Result<FileDescriptor> take_pidfile(const std::filesystem::path& path) {
  if (path.has_parent_path()) SENT_TRY(make_directories(path.parent_path()));
  SENT_TRY_ASSIGN(FileDescriptor file, open_file(path, O_RDWR | O_CREAT, 0644));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Errc::kConflict, "an agent runs already: {} is locked", path.string());
  if (::ftruncate(file.get(), 0) != 0)
    return fail_errno(errno, fmt::format("cannot empty {}", path.string()));
  SENT_TRY(write_all(file.get(), fmt::format("{}\n", ::getpid()), path));
  return file;
}

std::filesystem::path state_directory(const Config& config) {
  return config.state_dir.empty() ? default_state_dir() : config.state_dir;
}

Result<FileDescriptor> pidfile(const Arguments& arguments, const Config& config) {
  if (const auto given = arguments.get("pidfile")) return take_pidfile(*given);
  auto file = take_pidfile(kDefaultPidFile);
  if (file || file.error().code == Errc::kConflict) return file;
  // An ordinary user has no place in /var/run.
  return take_pidfile(state_directory(config) / "sentinella.pid");
}

void open_log(const Config& config) {
  if (config.log_file.empty()) {
    if (const auto configured = log::configure(config.log_level); !configured) return;
    return;
  }
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(config.log_file).parent_path(), ignored);
  if (const auto opened = log::configure(config.log_level, config.log_file); !opened)
    log::warning("agent", "{}; logging to standard error", describe(opened.error()));
}

int fail_with(Console console, const Error& error, int code) {
  console.err << describe(error) << "\n";
  log::error("agent", "{}", describe(error));
  return code;
}

/// A configuration as it is loaded at the start: from the file, with the server's settings on top, the rest
/// from the environment.
Result<LoadedConfig> load_config(const Arguments& arguments, const std::string& text,
                                 const boost::json::object& settings) {
  SENT_TRY_ASSIGN(LoadedConfig loaded, lay_over_file(text, settings));
  Config& config = loaded.config;
  if (const char* key = std::getenv("SENTINELLA_ACCOUNT_KEY"); config.account_key.empty() && key)
    config.account_key = key;
  config.plugins_dir = plugins_directory(config_path(arguments));
  return loaded;
}

/// Settings that do not fit the file (any more) are refused, and never keep the agent from beginning.
LoadedConfig with_settings(const Arguments& arguments, const std::string& text, LoadedConfig own,
                           SettingsState& state, Time now) {
  while (state.in_use().version != 0) {
    auto loaded = load_config(arguments, text, state.in_use().body);
    if (loaded) return *std::move(loaded);
    log::warning("agent.remote", "the server's settings of version {} are not used: {}",
                 state.in_use().version, describe(loaded.error()));
    const bool tried = state.trial.has_value();
    state.refuse(state.in_use().version, describe(loaded.error()), now);
    if (!tried) state.current = {};
  }
  return own;
}

/// What the agent begins with. One that keeps state counts its beginnings with settings on trial; any other
/// has nothing to do with trials.
Result<LoadedConfig> begin_config(const Arguments& arguments, const std::string& text, bool keeps_state) {
  SENT_TRY_ASSIGN(LoadedConfig own, load_config(arguments, text, {}));
  if (!own.config.remote.accepted) return own;
  const std::filesystem::path file = settings_file(state_directory(own.config));
  const Time now = system_clock().now();
  SettingsState state = load_settings(file);
  const std::string before = to_json(state);
  if (!keeps_state) state.trial.reset();
  if (state.trial && ++state.trial_starts > kTrialStarts)
    state.refuse(state.trial->version, fmt::format("the agent ended {} times with them", kTrialStarts), now);
  LoadedConfig loaded = with_settings(arguments, text, std::move(own), state, now);
  if (keeps_state && to_json(state) != before)
    if (const auto saved = save_settings(file, state); !saved)
      log::error("agent.remote", "{}", describe(saved.error()));
  return loaded;
}

/// After a failure with settings on trial: whether there are others to go back to.
bool give_up_trial(const std::filesystem::path& state_dir, const Error& why) {
  const std::filesystem::path file = settings_file(state_dir);
  SettingsState state = load_settings(file);
  if (!state.trial) return false;
  state.refuse(state.trial->version, describe(why), system_clock().now());
  return save_settings(file, state).has_value();
}

/// The same program, or what an upgrade has put in its place, from the beginning: with the new configuration,
/// under the same process id. All that must not be lost is on disk by now. Comes back only when that fails.
Error run_anew() {
  std::error_code unreadable;
  std::string program = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  constexpr std::string_view kReplaced = " (deleted)";
  if (program.ends_with(kReplaced)) program.resize(program.rfind(kReplaced));
  const auto line = read_file("/proc/self/cmdline", 1 << 20);
  if (!line) return line.error();
  std::vector<std::string> arguments;
  for (std::string_view word : split(*line, '\0')) arguments.emplace_back(word);
  if (!arguments.empty() && arguments.back().empty()) arguments.pop_back();
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  return fail_errno(errno, fmt::format("cannot run {} anew", program)).error();
}

/// The agent's whole run, from its state directory to its end.
Result<RunEnd> create_and_run(Config config, const RunOptions& options, std::unique_ptr<Agent>& agent) {
  SENT_TRY_ASSIGN(agent, Agent::create(std::move(config), options, system_clock()));
  return agent->run();
}

int run_agent(Config config, const std::string& text, const Arguments& arguments, Console console) {
  RunOptions options;
  options.once = arguments.has("once");
  options.print = arguments.has("print");
  options.version = kVersion;
  options.changed = [&]() -> Result<bool> {
    SENT_TRY_ASSIGN(const std::string now, read_file(config_path(arguments), kMaxConfig));
    SENT_TRY(load_config(arguments, now, {}));
    return now != text;
  };
  options.fits = [&](const boost::json::object& settings) -> Result<void> {
    SENT_TRY(load_config(arguments, text, settings));
    return {};
  };
  FileDescriptor pid;
  if (!options.print) {
    auto taken = pidfile(arguments, config);
    if (!taken)
      return fail_with(console, taken.error(),
                       taken.error().code == Errc::kConflict ? EX_TEMPFAIL : EX_CANTCREAT);
    pid = std::move(*taken);
  }
  const std::filesystem::path state_dir = state_directory(config);
  std::unique_ptr<Agent> agent;
  const auto end = create_and_run(std::move(config), options, agent);
  const bool back = !end && !options.once && give_up_trial(state_dir, end.error());
  if (!end && !back) return fail_with(console, end.error(), agent ? EX_OSERR : EX_CANTCREAT);
  if (back || *end == RunEnd::reload) {
    // Without destructors: a thread that hangs in a send ends with the old program.
    log::error("agent", "{}", describe(run_anew()));
    std::_Exit(EX_OSERR);
  }
  // A send that hangs must not hold up a shutdown; all it holds is safe in the spool.
  if (*end == RunEnd::hanging) std::_Exit(options.once ? EX_TEMPFAIL : 0);
  return *end == RunEnd::unsent ? EX_TEMPFAIL : 0;
}

}  // namespace

int agent_command(const Arguments& arguments, Console console) {
  const auto text = read_file(config_path(arguments), kMaxConfig);
  const bool keeps_state = !arguments.has("print") && !arguments.has("once");
  auto loaded = text ? begin_config(arguments, *text, keeps_state)
                     : Result<LoadedConfig>(std::unexpected(text.error()));
  if (!loaded) {
    console.err << kInvalidConfigText << "\n"
                << config_path(arguments) << ": " << describe(loaded.error()) << "\n";
    return 1;
  }
  if (!arguments.has("print")) open_log(loaded->config);
  for (const std::string& warning : loaded->warnings) log::warning("agent.config", "{}", warning);
  return run_agent(std::move(loaded->config), *text, arguments, console);
}

}  // namespace sentinella::agent
