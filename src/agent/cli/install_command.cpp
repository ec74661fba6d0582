// install, reinstall, upgrade, uninstall: plug-ins from a directory, or from the signed index of the
// configuration, into the agent's own directory.
#include <ostream>

#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/config/config.h"
#include "agent/plugin/index_source.h"
#include "agent/plugin/manifest.h"
#include "base/file.h"

namespace sentinella::agent {
namespace {

/// Regular files and directories, nothing else: no links, no devices. Ours afterwards, writable by nobody
/// else.
Result<void> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to) {
  SENT_TRY(make_directories(to, 0755));
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(from, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path target = to / entry->path().lexically_relative(from);
    if (entry->is_symlink())
      return fail(Errc::kInvalid, "{} is a link; a plug-in has none", entry->path().string());
    if (entry->is_directory()) {
      SENT_TRY(make_directories(target, 0755));
      continue;
    }
    if (!entry->is_regular_file())
      return fail(Errc::kInvalid, "{} is neither a file nor a directory", entry->path().string());
    bytes += entry->file_size();
    if (bytes > kMaxPluginBytes)
      return fail(Errc::kTooLarge, "the plug-in is over {} bytes", kMaxPluginBytes);
    SENT_TRY_ASSIGN(const std::string content, read_file(entry->path(), kMaxPluginBytes));
    const bool executable = ::access(entry->path().c_str(), X_OK) == 0;
    SENT_TRY(write_file_atomic(target, content, executable ? 0755 : 0644));
  }
  if (error) return fail(Errc::kIo, "cannot read {}: {}", from.string(), error.message());
  return {};
}

/// The manifest of what is to be installed; its files need not belong to us.
Result<PluginManifest> read_manifest(const std::filesystem::path& directory) {
  SENT_TRY_ASSIGN(const std::string text, read_file(directory / "plugin.json", 64 << 10));
  return parse_manifest(text);
}

/// Beside the old one first, so that a failure leaves that as it was.
Result<PluginManifest> put_in_place(const std::filesystem::path& from, const std::filesystem::path& plugins) {
  SENT_TRY_ASSIGN(const PluginManifest manifest, read_manifest(from));
  SENT_TRY(make_directories(plugins, 0755));
  const std::filesystem::path fresh = plugins / ("." + manifest.name + ".new"),
                              place = plugins / manifest.name;
  std::error_code error;
  std::filesystem::remove_all(fresh, error);
  auto copied = copy_tree(from, fresh);
  const auto checked = copied ? load_plugin(fresh) : Result<PluginManifest>(std::unexpected(copied.error()));
  if (!checked) {
    std::filesystem::remove_all(fresh, error);
    return checked;
  }
  std::filesystem::remove_all(place, error);
  std::filesystem::rename(fresh, place, error);
  if (error) return fail(Errc::kIo, "cannot put {} in its place: {}", place.string(), error.message());
  return checked;
}

Result<std::string> install_from(const std::filesystem::path& from, const Arguments& arguments,
                                 const std::filesystem::path& plugins) {
  std::error_code ignored;
  SENT_TRY_ASSIGN(const PluginManifest manifest, read_manifest(from));
  const auto old = load_plugin(plugins / manifest.name);
  if (arguments.command == "install" && std::filesystem::exists(plugins / manifest.name, ignored))
    return fail(Errc::kConflict, "{} {} is installed already; see reinstall and upgrade", manifest.name,
                old ? old->version : "(broken)");
  if (arguments.command != "install" && !std::filesystem::exists(plugins / manifest.name, ignored))
    return fail(Errc::kNotFound, "plugin {} not found! It is not installed", manifest.name);
  if (arguments.command == "upgrade" && old && old->version == manifest.version)
    return fail(Errc::kConflict, "{} has the version {} already", manifest.name, manifest.version);
  SENT_TRY_ASSIGN(const PluginManifest placed, put_in_place(from, plugins));
  std::string functions;
  for (const PluginFunction& function : placed.functions)
    functions += (functions.empty() ? "" : ",") + function.name;
  return fmt::format("{} {} installed; switch it on with: sentinella enable {}={}\n", placed.name,
                     placed.version, placed.name, functions);
}

/// Back to an older version only by uninstalling first: whoever passes off an old plug-in as the newest one
/// has its old holes back.
Result<const IndexedPlugin*> choose(const PluginIndex& index, const Arguments& arguments,
                                    const std::filesystem::path& plugins) {
  const std::string& name = arguments.words[0];
  const IndexedPlugin* chosen = index.find(name, arguments.words.size() > 1 ? arguments.words[1] : "");
  if (!chosen)
    return fail(Errc::kNotFound, "plugin {} not found! The index does not have it", arguments.words.back());
  const auto installed = load_plugin(plugins / name);
  if (installed && compare_versions(chosen->version, installed->version) < 0)
    return fail(Errc::kConflict,
                "the index has {} {}, and the newer {} is installed; to go back, uninstall it first", name,
                chosen->version, installed->version);
  return chosen;
}

Result<std::string> install_from_index(const PluginIndexConfig& config, const Arguments& arguments,
                                       const std::filesystem::path& plugins) {
  IndexSource source(config, plugins);
  SENT_TRY_ASSIGN(const PluginIndex index, source.open(system_clock().now()));
  SENT_TRY_ASSIGN(const IndexedPlugin* const chosen, choose(index, arguments, plugins));
  const std::filesystem::path fetched = plugins / ("." + chosen->name + ".fetched");
  std::error_code ignored;
  std::filesystem::remove_all(fetched, ignored);
  SENT_TRY(source.download(*chosen, fetched));
  auto done = install_from(fetched, arguments, plugins);
  std::filesystem::remove_all(fetched, ignored);
  return done;
}

Result<std::string> install(const Arguments& arguments, const std::filesystem::path& plugins) {
  if (arguments.words.empty() || arguments.words.size() > 2)
    return fail(Errc::kInvalid, "usage: sentinella {} DIRECTORY, or NAME [VERSION]", arguments.command);
  const std::string& word = arguments.words[0];
  std::error_code ignored;
  if (arguments.words.size() == 1 && std::filesystem::is_directory(word, ignored))
    return install_from(word, arguments, plugins);
  const auto config = index_config(arguments);
  if (!config) return std::unexpected(config.error());
  if (config->url.empty() || !is_plugin_name(word))
    return fail(
        Errc::kNotFound,
        "plugin {} not found! A directory with a plugin.json is expected, or the name of a plug-in in the "
        "\"plugin_index\" of the configuration",
        word);
  return install_from_index(*config, arguments, plugins);
}

Result<std::string> uninstall(const Arguments& arguments, const std::filesystem::path& plugins) {
  if (arguments.words.size() != 1 || arguments.words[0].contains('/') || arguments.words[0].starts_with('.'))
    return fail(Errc::kInvalid, "usage: sentinella uninstall NAME");
  std::error_code error;
  if (std::filesystem::remove_all(plugins / arguments.words[0], error) == 0 || error)
    return fail(Errc::kNotFound, "plugin {} not found!", arguments.words[0]);
  return fmt::format("{} removed; switch it off with: sentinella disable {}\n", arguments.words[0],
                     arguments.words[0]);
}

}  // namespace

Result<PluginIndexConfig> index_config(const Arguments& arguments) {
  const auto text = read_file(config_path(arguments), 16 << 20);
  if (!text && text.error().code == Errc::kNotFound) return PluginIndexConfig{};
  SENT_TRY(text);
  SENT_TRY_ASSIGN(LoadedConfig loaded, parse_config(*text));
  return std::move(loaded.config.plugin_index);
}

int install_command(const Arguments& arguments, Console console) {
  const std::filesystem::path plugins = plugins_directory(config_path(arguments));
  const auto done =
      arguments.command == "uninstall" ? uninstall(arguments, plugins) : install(arguments, plugins);
  if (!done) {
    console.err << describe(done.error()) << "\n";
    return done.error().code == Errc::kInvalid ? EX_USAGE : EX_CANTCREAT;
  }
  console.out << *done;
  return 0;
}

}  // namespace sentinella::agent
