#include <algorithm>
#include <expected>
#include <ostream>

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/config/config.h"
#include "agent/plugin/index_source.h"
#include "agent/plugin/manifest.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

struct Module {
  std::string name;
  std::vector<std::string> functions;
  std::string version;
  std::string description;
  std::string author;
  bool built_in = false;
};

/// The modules of release 1.1, built in; the agent does their work always, named below "plugins" or not. And
/// what is installed.
std::vector<Module> modules(const std::filesystem::path& plugins, std::vector<std::string>& problems) {
  std::vector<Module> modules = {
      {"sentinella.metrics",
       {"get_server_usage_stats"},
       std::string(kVersion),
       "processors, memory, disks and network of the host",
       "Sentinella",
       true},
      {"sentinella.openstack_logs",
       {"get_openstack_events"},
       std::string(kVersion),
       "logs of the OpenStack services",
       "Sentinella",
       true},
  };
  for (const PluginManifest& plugin : installed_plugins(plugins, problems)) {
    Module module{plugin.name, {}, plugin.version, plugin.description, plugin.author};
    for (const PluginFunction& function : plugin.functions) module.functions.push_back(function.name);
    modules.push_back(std::move(module));
  }
  return modules;
}

/// One line below "plugins".
struct EnabledPlugin {
  std::string module;
  std::vector<std::string> functions;
};

/// A sentence to print, and the exit code.
struct PluginFailure {
  std::string text;
  int code = 1;
};

template <typename T>
using Outcome = std::expected<T, PluginFailure>;

Outcome<json::object> load(const std::string& path) {
  const auto text = read_file(path, 16 << 20);
  const auto checked = text ? parse_config(*text) : Result<LoadedConfig>(std::unexpected(text.error()));
  if (!checked)
    return std::unexpected(
        PluginFailure{fmt::format("{}\n{}", kInvalidConfigText, describe(checked.error()))});
  auto root = parse_json_object(*text);
  if (!root) return std::unexpected(PluginFailure{std::string(kInvalidConfigText)});
  return std::move(*root);
}

Outcome<void> save(const std::string& path, const json::object& root) {
  struct stat status{};
  const bool there = ::stat(path.c_str(), &status) == 0;
  const auto written = write_file_atomic(path, to_pretty_json(root), there ? status.st_mode & 07777 : 0600);
  if (!written) return std::unexpected(PluginFailure{describe(written.error()), EX_CANTCREAT});
  // The file keeps its owner: the agent's group must go on reading it.
  if (there && ::chown(path.c_str(), status.st_uid, status.st_gid) != 0 && ::geteuid() == 0)
    return std::unexpected(PluginFailure{fmt::format("cannot restore the owner of {}", path), EX_CANTCREAT});
  return {};
}

/// "module=f1,f2"; "module" alone is all of it.
Outcome<EnabledPlugin> parse_plugin(const std::string& word) {
  const std::size_t equals = word.find('=');
  EnabledPlugin plugin{word.substr(0, equals), {}};
  if (equals == std::string::npos) return plugin;
  for (std::string_view function : split(std::string_view(word).substr(equals + 1), ','))
    if (!trim(function).empty()) plugin.functions.emplace_back(trim(function));
  if (plugin.module.empty() || plugin.functions.empty())
    return std::unexpected(PluginFailure{fmt::format("plugin {} in not valid", word), EX_USAGE});
  return plugin;
}

/// With all functions when none is named.
Outcome<EnabledPlugin> check_known(EnabledPlugin plugin, const std::vector<Module>& modules) {
  const auto found = std::ranges::find(modules, plugin.module, &Module::name);
  if (found == modules.end())
    return std::unexpected(PluginFailure{fmt::format("module {} does not exists", plugin.module), EX_USAGE});
  if (plugin.functions.empty()) plugin.functions = found->functions;
  for (const std::string& function : plugin.functions)
    if (std::ranges::find(found->functions, function) == found->functions.end())
      return std::unexpected(
          PluginFailure{fmt::format("module {} does not contains {}", plugin.module, function), EX_USAGE});
  return plugin;
}

void enable(json::object& root, const EnabledPlugin& plugin) {
  json::value& plugins = root["plugins"];
  if (!plugins.is_object()) plugins.emplace_object();
  json::value& functions = plugins.get_object()[plugin.module];
  if (!functions.is_array()) functions.emplace_array();
  for (const std::string& function : plugin.functions)
    if (std::ranges::find(functions.get_array(), json::value(function)) == functions.get_array().end())
      functions.get_array().emplace_back(function);
}

void disable(json::object& root, const EnabledPlugin& plugin) {
  auto* plugins = root.if_contains("plugins");
  if (!plugins || !plugins->is_object()) return;
  json::object& table = plugins->get_object();
  const auto found = table.find(plugin.module);
  if (found == table.end()) return;
  json::array left;
  if (!plugin.functions.empty() && found->value().is_array())
    for (const json::value& function : found->value().get_array())
      if (std::ranges::none_of(plugin.functions,
                               [&](const std::string& f) { return function == json::value(f); }))
        left.push_back(function);
  if (left.empty())
    table.stable_erase(found);
  else
    found->value() = std::move(left);
}

Outcome<void> change(const Arguments& arguments, json::object& root) {
  if (arguments.words.empty())
    return std::unexpected(
        PluginFailure{fmt::format("usage: sentinella {} MODULE=FUNCTION,...", arguments.command), EX_USAGE});
  std::vector<std::string> ignored;
  const std::vector<Module> known = modules(plugins_directory(config_path(arguments)), ignored);
  for (const std::string& word : arguments.words) {
    const auto plugin = parse_plugin(word);
    if (!plugin) return std::unexpected(plugin.error());
    if (arguments.command == "disable") {
      disable(root, *plugin);
      continue;
    }
    const auto checked = check_known(*plugin, known);
    if (!checked) return std::unexpected(checked.error());
    enable(root, *checked);
  }
  return save(config_path(arguments), root);
}

void show(const json::object& root, bool as_json, std::ostream& out) {
  const auto* plugins = root.if_contains("plugins");
  const json::object none;
  const json::object& table = plugins && plugins->is_object() ? plugins->get_object() : none;
  if (as_json) {
    out << json::serialize(table) << "\n";
    return;
  }
  if (table.empty()) out << "no enabled plugins\n";
  for (const auto& item : table) {
    std::string functions;
    for (const json::value& function : item.value().as_array()) {
      if (!functions.empty()) functions += ", ";
      functions += function.is_string() ? std::string(function.get_string()) : json::serialize(function);
    }
    out << "module: " << std::string_view(item.key()) << " - functions: " << functions << "\n";
  }
}

constexpr const char* kListLine = "{:<28} {:<8} {:<52} {:<16} {}\n";

/// What the index has; the newest version of each.
Outcome<void> list_available(const Arguments& arguments, Console console) {
  const auto open = [&]() -> Result<PluginIndex> {
    SENT_TRY_ASSIGN(const PluginIndexConfig config, index_config(arguments));
    if (config.url.empty()) return fail(Errc::kNotFound, "the configuration has no \"plugin_index\"");
    return IndexSource(config, plugins_directory(config_path(arguments))).open(system_clock().now());
  };
  const auto index = open();
  if (!index) return std::unexpected(PluginFailure{describe(index.error()), EX_UNAVAILABLE});
  console.out << fmt::format(fmt::runtime(kListLine), "name", "ver.", "description", "author", "");
  for (const IndexedPlugin& plugin : index->plugins)
    if (index->find(plugin.name) == &plugin)
      console.out << fmt::format(fmt::runtime(kListLine), plugin.name, plugin.version, plugin.description,
                                 plugin.author, "");
  return {};
}

void list(const Arguments& arguments, Console console) {
  const bool compact = arguments.has("compact");
  std::vector<std::string> problems;
  const auto known = modules(plugins_directory(config_path(arguments)), problems);
  if (!compact)
    console.out << fmt::format(fmt::runtime(kListLine), "name", "ver.", "description", "author", "F");
  for (const Module& module : known)
    console.out << (compact ? module.name + "\n"
                            : fmt::format(fmt::runtime(kListLine), module.name, module.version,
                                          module.description, module.author, module.built_in ? "*" : ""));
  if (!compact) console.out << "F: built in, always at work\n";
  for (const std::string& problem : problems) console.err << problem << "\n";
}

Outcome<void> execute(const Arguments& arguments, Console console) {
  if (arguments.command == "list" && arguments.has("available")) return list_available(arguments, console);
  if (arguments.command == "list") {
    list(arguments, console);
    return {};
  }
  auto root = load(config_path(arguments));
  if (!root) return std::unexpected(root.error());
  if (arguments.command == "show") {
    show(*root, arguments.has("json"), console.out);
    return {};
  }
  if (arguments.command != "clear") return change(arguments, *root);
  if (const auto found = root->find("plugins"); found != root->end()) root->stable_erase(found);
  auto saved = save(config_path(arguments), *root);
  if (saved) console.out << "All plugins removed\n";
  return saved;
}

}  // namespace

int plugin_command(const Arguments& arguments, Console console) {
  const auto done = execute(arguments, console);
  if (done) return 0;
  console.err << done.error().text << "\n";
  return done.error().code;
}

}  // namespace sentinella::agent
