#include "agent/plugin/plugin_index.h"

#include <algorithm>

#include "agent/plugin/manifest.h"
#include "base/crypto.h"
#include "base/ed25519.h"
#include "base/json.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxIndexed = 2000;
constexpr std::size_t kMaxIndexedFiles = 500;
constexpr std::size_t kMaxPath = 200;

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

bool is_path_word(std::string_view text) {
  return !text.empty() && text[0] != '.' && text.size() <= kMaxPath && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_decimal(c) || c == '.' || c == '_' ||
           c == '-';
  });
}

bool is_indexed_path(std::string_view path) {
  if (path.size() > kMaxPath || path.ends_with('/')) return false;
  const auto segments = split(path, '/');
  return !segments.empty() && std::ranges::all_of(segments, is_path_word);
}

bool is_hex_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::uint64_t> index_number(const json::object& object, std::string_view name, double most) {
  SENT_TRY_ASSIGN(const auto number, optional_number(object, name));
  if (!number || !(*number >= 0 && *number <= most))
    return fail_field(Errc::kInvalid, name, "a number from 0 to {} is expected", most);
  return static_cast<std::uint64_t>(*number);
}

Result<IndexedFile> parse_indexed_file(const json::value& value) {
  if (!value.is_object()) return fail_field(Errc::kInvalid, "files", "a list of objects is expected");
  const json::object& object = value.get_object();
  SENT_TRY(only_fields(object, {"path", "sha256", "bytes", "executable"}));
  IndexedFile file;
  SENT_TRY_ASSIGN(file.path, required_string(object, "path"));
  if (!is_indexed_path(file.path))
    return fail_field(Errc::kInvalid, "path", "\"{}\" is no path of a plug-in", file.path);
  SENT_TRY_ASSIGN(file.sha256, required_string(object, "sha256"));
  if (!is_hex_digest(file.sha256))
    return fail_field(Errc::kInvalid, "sha256", "64 hexadecimal digits are expected");
  SENT_TRY_ASSIGN(file.bytes, index_number(object, "bytes", static_cast<double>(kMaxPluginBytes)));
  SENT_TRY_ASSIGN(const auto executable, optional_bool(object, "executable"));
  file.executable = executable.value_or(false);
  return file;
}

Result<IndexedPlugin> parse_indexed_plugin(const json::value& value) {
  if (!value.is_object()) return fail_field(Errc::kInvalid, "plugins", "a list of objects is expected");
  const json::object& object = value.get_object();
  SENT_TRY(only_fields(object, {"name", "version", "description", "author", "files"}));
  IndexedPlugin plugin;
  SENT_TRY_ASSIGN(plugin.name, required_string(object, "name"));
  SENT_TRY_ASSIGN(plugin.version, required_string(object, "version"));
  if (!is_plugin_name(plugin.name))
    return fail_field(Errc::kInvalid, "name", "\"{}\" is no plug-in's name", plugin.name);
  if (!is_path_word(plugin.version))
    return fail_field(Errc::kInvalid, "version", "\"{}\" is no version", plugin.version);
  SENT_TRY_ASSIGN(const auto description, optional_string(object, "description"));
  SENT_TRY_ASSIGN(const auto author, optional_string(object, "author"));
  plugin.description = description.value_or("");
  plugin.author = author.value_or("");
  const auto* files = object.if_contains("files");
  if (!files || !files->is_array() || files->get_array().empty() ||
      files->get_array().size() > kMaxIndexedFiles)
    return fail_field(Errc::kInvalid, "files", "a list of 1 to {} files is expected", kMaxIndexedFiles);
  std::uint64_t bytes = 0;
  for (const json::value& one : files->get_array()) {
    SENT_TRY_ASSIGN(plugin.files.emplace_back(), parse_indexed_file(one));
    bytes += plugin.files.back().bytes;
  }
  if (bytes > kMaxPluginBytes)
    return fail_field(Errc::kTooLarge, "files", "they have {} bytes, at most {}", bytes, kMaxPluginBytes);
  return plugin;
}

/// Takes the next run of digits, or of anything else, off a version.
std::string_view take_run(std::string_view& version) {
  std::size_t end = 0;
  const auto number = [&](std::size_t at) { return is_decimal(version[at]); };
  while (end < version.size() && number(end) == number(0)) ++end;
  const std::string_view run = version.substr(0, end);
  version.remove_prefix(end);
  return run;
}

int three_way(auto a, auto b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

int compare_runs(std::string_view a, std::string_view b) {
  const bool numbers = !a.empty() && !b.empty() && is_decimal(a[0]) && is_decimal(b[0]);
  if (!numbers) return three_way(a, b);
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  return a.size() != b.size() ? three_way(a.size(), b.size()) : three_way(a, b);
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty())
    if (const int different = compare_runs(take_run(a), take_run(b)); different != 0) return different;
  return 0;
}

const IndexedPlugin* PluginIndex::find(std::string_view name, std::string_view version) const {
  const IndexedPlugin* found = nullptr;
  for (const IndexedPlugin& plugin : plugins) {
    if (plugin.name != name || (!version.empty() && plugin.version != version)) continue;
    if (!found || compare_versions(plugin.version, found->version) > 0) found = &plugin;
  }
  return found;
}

Result<PluginIndex> parse_plugin_index(std::string_view text) {
  if (text.size() > kMaxPluginIndex)
    return fail(Errc::kTooLarge, "the index has {} bytes, at most {}", text.size(), kMaxPluginIndex);
  SENT_TRY_ASSIGN(const json::object root, parse_json_object(text));
  SENT_TRY_ASSIGN(const std::uint64_t format, index_number(root, "format", 1e9));
  if (format != 1)
    return fail_field(Errc::kUnsupported, "format", "the index has format {}, 1 is known", format);
  SENT_TRY(only_fields(root, {"format", "serial", "expires", "plugins"}));
  PluginIndex index;
  SENT_TRY_ASSIGN(index.serial, index_number(root, "serial", 1e15));
  SENT_TRY_ASSIGN(const std::string expires, required_string(root, "expires"));
  SENT_TRY_ASSIGN(index.expires, parse_rfc3339(expires));
  const auto* plugins = root.if_contains("plugins");
  if (!plugins || !plugins->is_array() || plugins->get_array().size() > kMaxIndexed)
    return fail_field(Errc::kInvalid, "plugins", "a list of at most {} plug-ins is expected", kMaxIndexed);
  for (const json::value& one : plugins->get_array()) {
    SENT_TRY_ASSIGN(index.plugins.emplace_back(), parse_indexed_plugin(one));
  }
  return index;
}

std::string to_json(const PluginIndex& index) {
  JsonWriter json;
  json.object().field("format", 1).field("serial", index.serial).field("expires", index.expires);
  json.key("plugins").array();
  for (const IndexedPlugin& plugin : index.plugins) {
    json.object().field("name", plugin.name).field("version", plugin.version);
    json.field("description", plugin.description).field("author", plugin.author).key("files").array();
    for (const IndexedFile& file : plugin.files) {
      json.object().field("path", file.path).field("bytes", file.bytes).field("sha256", file.sha256);
      if (file.executable) json.field("executable", true);
      json.end();
    }
    json.end().end();
  }
  json.end().end();
  return json.take();
}

Result<PluginIndex> open_plugin_index(std::string_view text, std::string_view signature, std::string_view key,
                                      std::uint64_t newest_serial, Time now) {
  const auto public_key = from_base64(trim(key));
  if (!public_key || public_key->size() != kEd25519KeyBytes)
    return fail_field(Errc::kInvalid, "plugin_index.key", "32 bytes in base64 are expected");
  const auto raw = from_base64(trim(signature));
  if (!raw || !ed25519_verifies(*public_key, text, *raw))
    return fail(Errc::kForbidden,
                "the index is not signed with the key of the configuration; nothing is taken from it");
  SENT_TRY_ASSIGN(PluginIndex index, parse_plugin_index(text));
  if (index.serial < newest_serial)
    return fail(Errc::kForbidden, "the index is an old one: it has the serial {}, {} was seen already",
                index.serial, newest_serial);
  if (index.expires <= now)
    return fail(Errc::kForbidden, "the index has run out on {}; whoever keeps it must sign a new one",
                to_rfc3339(index.expires));
  return index;
}

}  // namespace sentinella::agent
