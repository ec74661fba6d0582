// Where an index of plug-ins is read from: a directory or a web server. Blocking; for the command line.
#pragma once

#include <filesystem>
#include <string>

#include "agent/config/config.h"
#include "agent/plugin/plugin_index.h"
#include "base/result.h"
#include "net/http_client.h"

namespace sentinella::agent {

/// Not thread-safe. The newest serial that was ever seen is kept in `plugins`/.index-serial.
class IndexSource {
 public:
  IndexSource(PluginIndexConfig config, std::filesystem::path plugins);

  /// Reads the index and checks its signature. Errors as open_plugin_index(); kNotFound, kUnavailable, kIo.
  Result<PluginIndex> open(Time now);
  /// Puts the plug-in's files below `into`, which must not exist. kForbidden: a file is not the one that was
  /// signed; then nothing is left there.
  Result<void> download(const IndexedPlugin& plugin, const std::filesystem::path& into);

 private:
  Result<std::string> read(const std::string& path, std::size_t max_bytes);
  Result<void> download_file(const IndexedPlugin& plugin, const IndexedFile& file,
                             const std::filesystem::path& into);

  const PluginIndexConfig config_;
  const std::filesystem::path plugins_;
  const bool web_;
  net::HttpClient client_;
};

/// An index of the plug-ins that lie in `directory` as NAME/VERSION/..., their manifests agreeing with that.
/// kInvalid names the file at fault.
Result<PluginIndex> index_directory(const std::filesystem::path& directory);

}  // namespace sentinella::agent
