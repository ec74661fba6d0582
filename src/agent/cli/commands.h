// The commands of the program `sentinella`. Each returns the exit code (sysexits.h; 1 for a configuration
// that cannot be used, as ever).
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

#include "agent/cli/arguments.h"
#include "agent/config/config.h"

namespace sentinella::agent {

inline constexpr std::string_view kVersion = "0.1.0";

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

int run_command(const Arguments& arguments, Console console);
std::string_view help_text();

int init_command(const Arguments& arguments, Console console);
int agent_command(const Arguments& arguments, Console console);  ///< run
int import_command(const Arguments& arguments, Console console);
int status_command(const Arguments& arguments, Console console);
/// list, show, enable, disable, clear
int plugin_command(const Arguments& arguments, Console console);

/// Makes and signs an index of plug-ins.
int index_command(const Arguments& arguments, Console console);
/// As the configuration file says; none when there is no file yet.
Result<PluginIndexConfig> index_config(const Arguments& arguments);

/// install, reinstall, upgrade, uninstall
int install_command(const Arguments& arguments, Console console);
int discover_command(Console console);
int doctor_command(const Arguments& arguments, Console console);

/// Where plug-ins are installed: plugins/ beside the configuration file.
std::filesystem::path plugins_directory(const std::filesystem::path& config_file);

/// The file that -c names, or the usual one.
std::string config_path(const Arguments& arguments);

}  // namespace sentinella::agent
