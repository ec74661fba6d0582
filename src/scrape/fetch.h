// Gets one target's exposition over HTTP. Blocking.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "codec/exposition_line.h"
#include "net/http_client.h"
#include "scrape/scrape_config.h"

namespace sentinella::scrape {

struct Page {
  std::string body;  ///< decompressed
  codec::ExpositionFormat format = codec::ExpositionFormat::text;
};

/// What a body may have when the job sets no limit.
inline constexpr std::uint64_t kDefaultBodyBytes = 256u << 20;

/// One connection, kept between scrapes. Not thread-safe.
class Fetcher {
 public:
  explicit Fetcher(const net::TlsClientOptions& tls) : client_(tls) {}
  /// kUnavailable: not reached, timed out, or a status other than 200; kUnauthorized: TLS; kTooLarge: over
  /// body_size_limit; kIo: a password file cannot be read; kCorrupt: not HTTP, or bad gzip.
  Result<Page> get(const ScrapeJob& job, const std::string& url, Duration timeout);

 private:
  net::HttpClient client_;
};

/// The format that a Content-Type names; anything but OpenMetrics is the text format.
codec::ExpositionFormat format_of(std::string_view content_type);

}  // namespace sentinella::scrape
