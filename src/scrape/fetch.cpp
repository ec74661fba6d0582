#include "scrape/fetch.h"

#include <algorithm>

#include "base/compress.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::scrape {
namespace {

constexpr int kMaxRedirects = 10;
constexpr std::size_t kMaxSecretBytes = 64u << 10;
constexpr std::string_view kAccept =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

Result<std::string> secret(const std::string& given, const std::filesystem::path& file) {
  if (file.empty()) return given;
  SENT_TRY_ASSIGN(const std::string text, read_file(file, kMaxSecretBytes));
  return std::string(trim(text));
}

/// The header's value, "" for none.
Result<std::string> authorization_of(const Authorization& given) {
  if (!given.username.empty()) {
    SENT_TRY_ASSIGN(const std::string password, secret(given.password, given.password_file));
    return "Basic " + to_base64(given.username + ":" + password);
  }
  if (given.type.empty()) return "";
  SENT_TRY_ASSIGN(const std::string credentials, secret(given.credentials, given.credentials_file));
  return given.type + " " + credentials;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string origin_of(const std::string& url) {
  const auto authority = url.find("://") + 3;
  return url.substr(0, std::min(url.find_first_of("/?#", authority), url.size()));
}

/// Where a Location leads from `url`: a whole URL or an absolute path. "" = neither.
std::string redirected(const std::string& url, std::string_view location) {
  if (location.starts_with("http://") || location.starts_with("https://")) return std::string(location);
  if (location.starts_with("//")) return url.substr(0, url.find("//")) + std::string(location);
  if (location.starts_with('/')) return origin_of(url) + std::string(location);
  return "";
}

}  // namespace

codec::ExpositionFormat format_of(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  return iequals(type, "application/openmetrics-text") ? codec::ExpositionFormat::openmetrics
                                                       : codec::ExpositionFormat::text;
}

Result<Page> Fetcher::get(const ScrapeJob& job, const std::string& url, Duration timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const std::uint64_t limit = job.limits.body_bytes != 0 ? job.limits.body_bytes : kDefaultBodyBytes;
  SENT_TRY_ASSIGN(const std::string authorization, authorization_of(job.authorization));
  net::ClientRequest request;
  request.url = url;
  request.max_response_bytes = limit;
  request.headers.set("Accept", kAccept);
  request.headers.set("Accept-Encoding", "gzip");
  request.headers.set("User-Agent", "sentinella");
  request.headers.set("X-Prometheus-Scrape-Timeout-Seconds",
                      fmt::format("{}", std::chrono::duration<double>(timeout).count()));
  for (int redirects = 0;; ++redirects) {
    net::ClientRequest hop = request;
    // Credentials are for the target, not for whoever it points to.
    if (!authorization.empty() && origin_of(hop.url) == origin_of(url))
      hop.headers.set("Authorization", authorization);
    hop.timeout = deadline - std::chrono::steady_clock::now();
    if (hop.timeout <= Duration::zero())
      return fail(Errc::kUnavailable, "{} timed out after {}", url, to_text(timeout));
    SENT_TRY_ASSIGN(net::Response response, client_.send(hop));
    if (is_redirect(response.status) && job.follow_redirects) {
      request.url = redirected(hop.url, response.headers.get("location"));
      if (request.url.empty() || redirects == kMaxRedirects)
        return fail(Errc::kUnavailable, "{} redirects to nowhere", hop.url);
      continue;
    }
    if (response.status != 200)
      return fail(Errc::kUnavailable, "{} answered {} {}", hop.url, response.status,
                  net::reason_phrase(response.status));
    Page page{std::move(response.body), format_of(response.headers.get("content-type"))};
    if (iequals(response.headers.get("content-encoding"), "gzip")) {
      SENT_TRY_ASSIGN(page.body, gzip_decompress(page.body, limit));
    }
    return page;
  }
}

}  // namespace sentinella::scrape
