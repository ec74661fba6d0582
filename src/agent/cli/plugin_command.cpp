#include <algorithm>
#include <expected>
#include <ostream>

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/config/config.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

struct Module {
  std::string_view name;
  std::vector<std::string_view> functions;
  std::string_view description;
};

/// The modules of release 1.1, built in; the agent does their work always, named below "plugins" or not.
const std::vector<Module>& modules() {
  static const std::vector<Module> kModules = {
      {"sentinella.metrics", {"get_server_usage_stats"}, "processors, memory, disks and network of the host"},
      {"sentinella.openstack_logs", {"get_openstack_events"}, "logs of the OpenStack services"},
  };
  return kModules;
}

/// One line below "plugins".
struct EnabledPlugin {
  std::string module;
  std::vector<std::string> functions;
};

/// A sentence to print, and the exit code.
struct Failure {
  std::string text;
  int code = 1;
};

template <typename T>
using Outcome = std::expected<T, Failure>;

Outcome<json::object> load(const std::string& path) {
  const auto text = read_file(path, 16 << 20);
  const auto checked = text ? parse_config(*text) : Result<LoadedConfig>(std::unexpected(text.error()));
  if (!checked)
    return std::unexpected(Failure{fmt::format("{}\n{}", kInvalidConfigText, describe(checked.error()))});
  auto root = parse_json_object(*text);
  if (!root) return std::unexpected(Failure{std::string(kInvalidConfigText)});
  return std::move(*root);
}

Outcome<void> save(const std::string& path, const json::object& root) {
  struct stat status{};
  const bool there = ::stat(path.c_str(), &status) == 0;
  const auto written = write_file_atomic(path, to_pretty_json(root), there ? status.st_mode & 07777 : 0600);
  if (!written) return std::unexpected(Failure{describe(written.error()), EX_CANTCREAT});
  // The file keeps its owner: the agent's group must go on reading it.
  if (there && ::chown(path.c_str(), status.st_uid, status.st_gid) != 0 && ::geteuid() == 0)
    return std::unexpected(Failure{fmt::format("cannot restore the owner of {}", path), EX_CANTCREAT});
  return {};
}

/// "module=f1,f2"; without "=": `functions` is empty, where that is allowed.
Outcome<EnabledPlugin> parse_plugin(const std::string& word, bool functions_needed) {
  const std::size_t equals = word.find('=');
  EnabledPlugin plugin{word.substr(0, equals), {}};
  if (equals == std::string::npos) {
    if (functions_needed)
      return std::unexpected(Failure{fmt::format("plugin {} in not valid", word), EX_USAGE});
    return plugin;
  }
  for (std::string_view function : split(std::string_view(word).substr(equals + 1), ','))
    if (!trim(function).empty()) plugin.functions.emplace_back(trim(function));
  if (plugin.module.empty() || plugin.functions.empty())
    return std::unexpected(Failure{fmt::format("plugin {} in not valid", word), EX_USAGE});
  return plugin;
}

Outcome<void> check_known(const EnabledPlugin& plugin) {
  const auto found =
      std::ranges::find_if(modules(), [&](const Module& m) { return m.name == plugin.module; });
  if (found == modules().end())
    return std::unexpected(Failure{fmt::format("module {} does not exists", plugin.module), EX_USAGE});
  for (const std::string& function : plugin.functions)
    if (std::ranges::find(found->functions, function) == found->functions.end())
      return std::unexpected(
          Failure{fmt::format("module {} does not contains {}", plugin.module, function), EX_USAGE});
  return {};
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
  const bool enabling = arguments.command == "enable";
  if (arguments.words.empty())
    return std::unexpected(
        Failure{fmt::format("usage: sentinella {} MODULE=FUNCTION,...", arguments.command), EX_USAGE});
  for (const std::string& word : arguments.words) {
    const auto plugin = parse_plugin(word, enabling);
    if (!plugin) return std::unexpected(plugin.error());
    if (enabling) {
      if (auto known = check_known(*plugin); !known) return known;
      enable(root, *plugin);
    } else {
      disable(root, *plugin);
    }
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

void list(bool compact, std::ostream& out) {
  if (!compact) out << fmt::format("{:<28} {:<8} {:<52} {}\n", "name", "ver.", "description", "F");
  for (const Module& module : modules())
    out << (compact
                ? fmt::format("{}\n", module.name)
                : fmt::format("{:<28} {:<8} {:<52} {}\n", module.name, kVersion, module.description, "*"));
  if (!compact) out << "F: built in, always at work\n";
}

Outcome<void> execute(const Arguments& arguments, Console console) {
  if (arguments.command == "list") {
    list(arguments.has("compact"), console.out);
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
