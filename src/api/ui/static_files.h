// The web UI's files, read once at start and served from memory.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace sentinella::api {

/// Immutable after load, hence thread-safe. Only files found at load are ever served: no path reaches the
/// disk later.
class StaticFiles {
 public:
  /// Reads the directory whole (at most 64 MiB); x.gz beside x is sent to clients that take gzip. kNotFound:
  /// no such directory, or no index.html in it.
  static Result<StaticFiles> load(const std::filesystem::path& directory);

  /// GET and HEAD. What is not there gives index.html, as the UI has its own routes, save a name with an
  /// extension in a directory that holds files. nullopt: 404.
  std::optional<net::Response> answer(const net::Request& request) const;

 private:
  struct File {
    std::string type;
    std::string etag;  ///< quoted
    std::string body;
    std::string gzip;        ///< "" = none
    bool immutable = false;  ///< the name holds a hash of the content
  };
  bool may_be_page(std::string_view path) const;
  net::Response serve(const File& file, const net::Request& request) const;

  std::map<std::string, File, std::less<>> files_;  ///< by URL path, "/assets/x.js"
};

}  // namespace sentinella::api
