#include "agent/plugin/index_source.h"

#include <algorithm>

#include <unistd.h>

#include "agent/plugin/manifest.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxSignature = 1024;

std::filesystem::path serial_file(const std::filesystem::path& plugins) {
  return plugins / ".index-serial";
}

std::uint64_t newest_serial(const std::filesystem::path& plugins) {
  const auto text = read_file(serial_file(plugins), 64);
  return text ? parse_uint(trim(*text)).value_or(0) : 0;
}

Result<IndexedPlugin> index_plugin(const std::filesystem::path& directory) {
  SENT_TRY_ASSIGN(const std::string text, read_file(directory / "plugin.json", 64 << 10));
  const auto manifest = parse_manifest(text);
  if (!manifest)
    return fail(Errc::kInvalid, "{}: {}", (directory / "plugin.json").string(), describe(manifest.error()));
  if (manifest->version != directory.filename() || manifest->name != directory.parent_path().filename())
    return fail(Errc::kInvalid, "{} holds {} {}; it must lie in {}/{}", directory.string(), manifest->name,
                manifest->version, manifest->name, manifest->version);
  IndexedPlugin plugin{manifest->name, manifest->version, manifest->description, manifest->author, {}};
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_symlink() || (!entry->is_directory() && !entry->is_regular_file()))
      return fail(Errc::kInvalid, "{} is neither a file nor a directory", entry->path().string());
    if (entry->is_directory()) continue;
    SENT_TRY_ASSIGN(const std::string content, read_file(entry->path(), kMaxPluginBytes));
    plugin.files.push_back({entry->path().lexically_relative(directory).string(), to_hex(sha256(content)),
                            content.size(), ::access(entry->path().c_str(), X_OK) == 0});
  }
  if (error) return fail(Errc::kIo, "cannot read {}: {}", directory.string(), error.message());
  std::ranges::sort(plugin.files, {}, &IndexedFile::path);
  return plugin;
}

std::vector<std::filesystem::path> directories_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->is_directory() && !entry->path().filename().string().starts_with('.'))
      found.push_back(entry->path());
  std::ranges::sort(found);
  return found;
}

}  // namespace

IndexSource::IndexSource(PluginIndexConfig config, std::filesystem::path plugins)
    : config_(std::move(config)),
      plugins_(std::move(plugins)),
      web_(config_.url.contains("://")),
      client_(net::TlsClientOptions{.ca_file = config_.ca_file}) {}

Result<std::string> IndexSource::read(const std::string& path, std::size_t max_bytes) {
  if (!web_) return read_file(std::filesystem::path(config_.url) / path, max_bytes);
  net::ClientRequest request;
  request.url = config_.url + "/" + path;
  request.timeout = std::chrono::seconds(30);
  request.max_response_bytes = max_bytes;
  SENT_TRY_ASSIGN(net::Response response, client_.send(request));
  if (response.status == 200) return std::move(response.body);
  return fail(response.status == 404 ? Errc::kNotFound : Errc::kUnavailable, "{}: the server says {}",
              request.url, response.status);
}

Result<PluginIndex> IndexSource::open(Time now) {
  SENT_TRY_ASSIGN(const std::string text, read("index.json", kMaxPluginIndex));
  SENT_TRY_ASSIGN(const std::string signature, read("index.json.sig", kMaxSignature));
  const std::uint64_t seen = newest_serial(plugins_);
  auto index = open_plugin_index(text, signature, config_.key, seen, now);
  if (!index) return fail(index.error().code, "{}: {}", config_.url, describe(index.error()));
  if (index->serial > seen) {
    SENT_TRY(make_directories(plugins_, 0755));
    SENT_TRY(write_file_atomic(serial_file(plugins_), fmt::format("{}\n", index->serial), 0644));
  }
  return index;
}

Result<void> IndexSource::download_file(const IndexedPlugin& plugin, const IndexedFile& file,
                                        const std::filesystem::path& into) {
  const std::string path = fmt::format("{}/{}/{}", plugin.name, plugin.version, file.path);
  const auto content = read(path, file.bytes + 1);
  const bool longer = !content && content.error().code == Errc::kTooLarge;
  if (!content && !longer) return std::unexpected(content.error());
  if (longer || content->size() != file.bytes || to_hex(sha256(*content)) != file.sha256)
    return fail(Errc::kForbidden, "{} is not the file that was signed; nothing is installed", path);
  SENT_TRY(make_directories((into / file.path).parent_path(), 0755));
  return write_file_atomic(into / file.path, *content, file.executable ? 0755 : 0644);
}

Result<void> IndexSource::download(const IndexedPlugin& plugin, const std::filesystem::path& into) {
  for (const IndexedFile& file : plugin.files) {
    const auto done = download_file(plugin, file, into);
    if (done) continue;
    std::error_code ignored;
    std::filesystem::remove_all(into, ignored);
    return done;
  }
  return {};
}

Result<PluginIndex> index_directory(const std::filesystem::path& directory) {
  PluginIndex index;
  for (const std::filesystem::path& name : directories_in(directory))
    for (const std::filesystem::path& version : directories_in(name)) {
      SENT_TRY_ASSIGN(index.plugins.emplace_back(), index_plugin(version));
    }
  // Once through the reader: what it would refuse is told to whoever signs, not to whoever installs.
  return parse_plugin_index(to_json(index));
}

}  // namespace sentinella::agent
