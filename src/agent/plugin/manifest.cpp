#include "agent/plugin/manifest.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxManifest = 64 << 10;
constexpr std::size_t kMaxFunctions = 64;
constexpr std::size_t kMaxFiles = 2000;
constexpr std::size_t kMaxPlugins = 200;
constexpr std::array<std::pair<std::string_view, PluginFormat>, 3> kFormats = {
    {{"json", PluginFormat::json}, {"line", PluginFormat::line}, {"nagios", PluginFormat::nagios}}};

Result<PluginFormat> parse_format(std::string_view text) {
  const auto found = std::ranges::find(kFormats, text, &std::pair<std::string_view, PluginFormat>::first);
  if (found == kFormats.end())
    return fail_field(Errc::kInvalid, "format", "\"{}\" is not json, line or nagios", text);
  return found->second;
}

Result<Duration> seconds_in(const json::object& object, std::string_view name, Duration usual, double least) {
  SENT_TRY_ASSIGN(const auto value, optional_number(object, name));
  if (!value) return usual;
  if (!(*value >= least && *value <= 86'400))
    return fail_field(Errc::kInvalid, name, "{} is not between {} and 86400", *value, least);
  return Duration(std::llround(*value * 1e9));
}

Result<void> check_command(const std::vector<std::string>& command) {
  if (command.empty() || command[0].empty())
    return fail_field(Errc::kInvalid, "command",
                      "a list is expected, the program first; or one of http, sql, pattern instead");
  const std::string& program = command[0];
  if (!program.starts_with("./") && !program.starts_with('/'))
    return fail_field(Errc::kInvalid, "command",
                      "\"{}\" begins neither with ./ (the plug-in's directory) nor with /", program);
  if (program.contains(".."))
    return fail_field(Errc::kInvalid, "command", "\"{}\" has \"..\" in it", program);
  return {};
}

Result<PluginFunction> parse_function(std::string_view name, const json::value& value, PluginFormat format) {
  if (!value.is_object()) return fail(Errc::kInvalid, "an object is expected");
  const json::object& object = value.get_object();
  SENT_TRY(only_fields(
      object, {"command", "interval_seconds", "timeout_seconds", "format", "http", "sql", "pattern"}));
  PluginFunction function;
  function.name = name;
  if (!is_plugin_name(name)) return fail(Errc::kInvalid, "a name has a-z, 0-9, '-', '_' and '.' only");
  SENT_TRY_ASSIGN(function.command, optional_strings(object, "command"));
  SENT_TRY_ASSIGN(function.declared, parse_declared(object, !function.command.empty()));
  const bool needs_program = std::holds_alternative<std::monostate>(function.declared);
  if (needs_program || !function.command.empty()) SENT_TRY(check_command(function.command));
  SENT_TRY_ASSIGN(function.interval, seconds_in(object, "interval_seconds", function.interval, 1));
  SENT_TRY_ASSIGN(function.timeout, seconds_in(object, "timeout_seconds", function.timeout, 0.1));
  SENT_TRY_ASSIGN(const auto own_format, optional_string(object, "format"));
  function.format = format;
  if (own_format) {
    SENT_TRY_ASSIGN(function.format, parse_format(*own_format));
  }
  return function;
}

/// Only root and we may have written it.
Result<void> check_owner(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0)
    return fail_errno(errno, fmt::format("cannot look at {}", path.string()));
  if (S_ISLNK(status.st_mode))
    return fail(Errc::kForbidden, "{} is a link; a plug-in has none", path.string());
  if ((status.st_uid != 0 && status.st_uid != ::geteuid()) || (status.st_mode & 022) != 0)
    return fail(Errc::kForbidden,
                "{} may be written by others; mend with: chown -R root: {} && chmod -R go-w {}",
                path.string(), path.string(), path.string());
  return {};
}

}  // namespace

bool is_plugin_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text[0] != '.' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos;
}

Result<PluginManifest> parse_manifest(std::string_view text) {
  SENT_TRY_ASSIGN(const json::object root, parse_json_object(text));
  SENT_TRY(only_fields(root, {"name", "version", "description", "author", "format", "functions"}));
  PluginManifest manifest;
  SENT_TRY_ASSIGN(manifest.name, required_string(root, "name"));
  if (!is_plugin_name(manifest.name))
    return fail_field(Errc::kInvalid, "name", "a name has a-z, 0-9, '-', '_' and '.' only");
  SENT_TRY_ASSIGN(manifest.version, required_string(root, "version"));
  SENT_TRY_ASSIGN(const auto description, optional_string(root, "description"));
  SENT_TRY_ASSIGN(const auto author, optional_string(root, "author"));
  manifest.description = description.value_or("");
  manifest.author = author.value_or("");
  SENT_TRY_ASSIGN(const auto format_name, optional_string(root, "format"));
  SENT_TRY_ASSIGN(const PluginFormat format, parse_format(format_name.value_or("json")));
  const auto* functions = root.if_contains("functions");
  if (!functions || !functions->is_object() || functions->get_object().empty())
    return fail_field(Errc::kInvalid, "functions", "an object with at least one function is expected");
  if (functions->get_object().size() > kMaxFunctions)
    return fail_field(Errc::kInvalid, "functions", "more than {} functions", kMaxFunctions);
  for (const auto& item : functions->get_object()) {
    auto function = parse_function(item.key(), item.value(), format);
    if (!function)
      return fail_field(Errc::kInvalid, fmt::format("functions.{}", std::string_view(item.key())), "{}",
                        describe(function.error()));
    manifest.functions.push_back(std::move(*function));
  }
  return manifest;
}

Result<PluginManifest> load_plugin(const std::filesystem::path& directory) {
  SENT_TRY_ASSIGN(const std::string text, read_file(directory / "plugin.json", kMaxManifest));
  SENT_TRY(check_owner(directory));
  std::error_code error;
  std::size_t files = 0;
  for (std::filesystem::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    SENT_TRY(check_owner(entry->path()));
    if (++files > kMaxFiles)
      return fail(Errc::kTooLarge, "{} has more than {} files", directory.string(), kMaxFiles);
  }
  auto manifest = parse_manifest(text);
  if (!manifest)
    return fail(manifest.error().code, "{}: {}", (directory / "plugin.json").string(),
                describe(manifest.error()));
  for (const PluginFunction& function : manifest->functions) {
    if (function.command.empty()) continue;
    const std::filesystem::path program = directory / function.command[0];
    if (::access(program.c_str(), X_OK) != 0)
      return fail(Errc::kNotFound, "{} cannot be run: it is not there, or not executable", program.string());
  }
  return manifest;
}

std::vector<PluginManifest> installed_plugins(const std::filesystem::path& directory,
                                              std::vector<std::string>& problems) {
  std::vector<PluginManifest> plugins;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (plugins.size() == kMaxPlugins || entry->path().filename().string().starts_with('.')) continue;
    auto plugin = load_plugin(entry->path());
    if (!plugin)
      problems.push_back(describe(plugin.error()));
    else if (plugin->name != entry->path().filename())
      problems.push_back(
          fmt::format("{} holds a plug-in of the name {}", entry->path().string(), plugin->name));
    else
      plugins.push_back(std::move(*plugin));
  }
  std::ranges::sort(plugins, {}, &PluginManifest::name);
  return plugins;
}

}  // namespace sentinella::agent
