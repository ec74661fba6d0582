#include "api/ui/static_files.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::api {
namespace {

constexpr std::size_t kMaxTotal = 64u << 20;

std::string_view type_of(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
  }};
  const auto found = std::ranges::find_if(kTypes, [&](const auto& row) { return path.ends_with(row.first); });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

std::string_view last_segment(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Vite's names: "index-DiwrgTda.js", eight characters of the content's hash before the extension.
bool has_hashed_name(std::string_view path) {
  if (!path.starts_with("/assets/")) return false;
  const auto name = last_segment(path);
  const auto stem = name.substr(0, name.find('.'));
  return stem.size() > 9 && stem[stem.size() - 9] == '-';
}

bool takes_gzip(std::string_view accept_encoding) {
  for (const auto item : split(accept_encoding, ',')) {
    const auto coding = trim(item.substr(0, item.find(';')));
    const auto semicolon = item.find(';');
    const auto weight = semicolon == std::string_view::npos ? "" : trim(item.substr(semicolon + 1));
    if (iequals(coding, "gzip")) return !(weight == "q=0" || weight == "q=0.0");
  }
  return false;
}

bool has_etag(std::string_view if_none_match, std::string_view etag) {
  return std::ranges::any_of(split(if_none_match, ','), [&](std::string_view item) {
    item = trim(item);
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == etag || item == "*";
  });
}

}  // namespace

Result<StaticFiles> StaticFiles::load(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::recursive_directory_iterator entries(directory, error);
  if (error)
    return fail(Errc::kNotFound, "cannot read the UI's directory {}: {}", directory.string(),
                error.message());
  StaticFiles site;
  std::size_t total = 0;
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (error) return fail(Errc::kIo, "cannot list {}: {}", directory.string(), error.message());
    if (entries->is_symlink(error) || !entries->is_regular_file(error)) continue;
    SENT_TRY_ASSIGN(std::string body, read_file(entries->path(), kMaxTotal));
    body.shrink_to_fit();  // it stays
    total += body.size();
    if (total > kMaxTotal)
      return fail(Errc::kTooLarge, "{} holds more than {} bytes", directory.string(), kMaxTotal);
    const auto url = "/" + entries->path().lexically_relative(directory).generic_string();
    if (url.ends_with(".gz")) {
      site.files_[url.substr(0, url.size() - 3)].gzip = std::move(body);
      continue;
    }
    File& file = site.files_[url];
    file.type = type_of(url);
    file.etag = '"' + to_hex(sha256(body)).substr(0, 32) + '"';
    file.immutable = has_hashed_name(url);
    file.body = std::move(body);
  }
  // A .gz without its plain file is of no use.
  std::erase_if(site.files_, [](const auto& entry) { return entry.second.etag.empty(); });
  if (!site.files_.contains("/index.html"))
    return fail(Errc::kNotFound, "there is no index.html in the UI's directory {}", directory.string());
  return site;
}

std::optional<net::Response> StaticFiles::answer(const net::Request& request) const {
  auto found = files_.find(request.path == "/" ? "/index.html" : request.path);
  if (found == files_.end() && may_be_page(request.path)) found = files_.find("/index.html");
  if (found == files_.end()) return std::nullopt;
  return serve(found->second, request);
}

/// /nodes/compute1.example.org is a page; /assets/gone.js and /favicon.ico are files that are not there.
bool StaticFiles::may_be_page(std::string_view path) const {
  if (last_segment(path).find('.') == std::string_view::npos) return true;
  const std::string_view directory = path.substr(0, path.rfind('/') + 1);
  const auto beside = files_.lower_bound(directory);
  return beside == files_.end() || !beside->first.starts_with(directory);
}

net::Response StaticFiles::serve(const File& file, const net::Request& request) const {
  net::Response response;
  response.headers.set("ETag", file.etag);
  response.headers.set("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file.gzip.empty()) response.headers.set("Vary", "Accept-Encoding");
  if (has_etag(request.headers.get("If-None-Match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", file.type);
  if (!file.gzip.empty() && takes_gzip(request.headers.get("Accept-Encoding"))) {
    response.headers.set("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.body;
  }
  return response;
}

}  // namespace sentinella::api
