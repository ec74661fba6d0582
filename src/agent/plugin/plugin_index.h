// An index of plug-ins: a directory, or its copy on any web server, with
//   index.json             what there is
//   index.json.sig         the signature over its bytes: Ed25519, base64
//   NAME/VERSION/PATH      the files
//
//   {"format": 1, "serial": 17, "expires": "2027-11-22T00:00:00Z", "plugins": [
//     {"name": "tea", "version": "1.2", "description": "how the tea is", "author": "us", "files": [
//       {"path": "plugin.json", "bytes": 187, "sha256": "9f86d0..."},
//       {"path": "pot.sh", "bytes": 80, "sha256": "2c26b4...", "executable": true}]}]}
//
// The serial grows with each index, so that an old one cannot be passed off as the newest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

inline constexpr std::size_t kMaxPluginIndex = 4u << 20;
inline constexpr std::uint64_t kMaxPluginBytes = 64u << 20;

struct IndexedFile {
  std::string path;    ///< relative, of segments a-z A-Z 0-9 . _ - that do not begin with '.'
  std::string sha256;  ///< 64 hexadecimal digits
  std::uint64_t bytes = 0;
  bool executable = false;
};

struct IndexedPlugin {
  std::string name;
  std::string version;
  std::string description;
  std::string author;
  std::vector<IndexedFile> files;
};

struct PluginIndex {
  std::uint64_t serial = 0;
  Time expires;
  std::vector<IndexedPlugin> plugins;

  /// The newest one of that name, or the one of that version ("" = any); null when there is none.
  const IndexedPlugin* find(std::string_view name, std::string_view version = "") const;
};

/// kInvalid and kTooLarge name the field. Does not look at the signature.
Result<PluginIndex> parse_plugin_index(std::string_view text);
std::string to_json(const PluginIndex& index);

/// kForbidden: `text` was not signed by the owner of `key` (base64), or is not the newest that was seen, or
/// has run out.
Result<PluginIndex> open_plugin_index(std::string_view text, std::string_view signature, std::string_view key,
                                      std::uint64_t newest_serial, Time now);

/// Below 0 when `a` is older than `b`: by their numbers and words from left to right; 1.10 is newer than 1.9.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace sentinella::agent
