// A plug-in is a directory with a manifest, plugin.json, and the programs that it names, if any (declared.h
// has functions without). They run outside of the agent and tell what they measured on standard output, in
// one of three forms:
//   json    [{"name": "pool.used", "value": 1.5, "tags": {"pool": "vms"}}, ...], or {"measurements": [...]}
//   line    InfluxDB's line protocol (codec/influx_line.h), without timestamps
//   nagios  the exit code is the state (0 to 3); what stands behind '|' are figures (Nagios' plug-in
//   guidelines)
//
//   {"name": "ceph-pools", "version": "1.0", "description": "...", "author": "...", "format": "json",
//    "functions": {"pools": {"command": ["./pools.sh"], "interval_seconds": 30, "timeout_seconds": 10}}}
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/plugin/declared.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

enum class PluginFormat : std::uint8_t { json, line, nagios };

struct PluginFunction {
  std::string name;
  std::vector<std::string> command;  ///< empty when `declared` asks by itself; a program that begins with
                                     ///< "./" is in the plug-in's directory
  Duration interval = std::chrono::seconds(60);
  Duration timeout = std::chrono::seconds(10);
  PluginFormat format = PluginFormat::json;
  DeclaredCall declared;  ///< of a pattern with a command: how its output is read
};

struct PluginManifest {
  std::string name;  ///< a-z 0-9 - _ .
  std::string version;
  std::string description;
  std::string author;
  std::vector<PluginFunction> functions;
};

/// Of plug-ins and of their functions.
bool is_plugin_name(std::string_view text);

/// kInvalid names the field.
Result<PluginManifest> parse_manifest(std::string_view text);

/// Reads `directory`/plugin.json. kForbidden: the directory or a file in it may be written by others than
/// root and ourselves: what runs from there would run in our name.
Result<PluginManifest> load_plugin(const std::filesystem::path& directory);

/// Every plug-in below `directory`, by name; broken ones are told in `problems`.
std::vector<PluginManifest> installed_plugins(const std::filesystem::path& directory,
                                              std::vector<std::string>& problems);

}  // namespace sentinella::agent
