// Samples and events of a notification agent that has no store, to a server that has: OTLP over HTTP.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "net/http_client.h"
#include "telemetry/processor.h"

namespace sentinella::server {

/// Thread-safe; one request at a time.
class TelemetryUplink {
 public:
  /// `url` of the server, without a path. `key_file`: its first line is an API key of the role operator; read
  /// for each request, so that it can be renewed.
  TelemetryUplink(std::string url, std::filesystem::path key_file, net::TlsClientOptions tls);

  /// Returns when the server has all of it on disk. Sending it again changes nothing there.
  Result<void> send(const telemetry::Outgoing& outgoing);
  Result<void> send(std::vector<SeriesSamples> series);
  /// What is being sent soon fails, and so does all that comes after: brokers still have it.
  void cancel() { cancelled_ = true; }

 private:
  Result<void> post(const std::string& path, std::string body) SENT_REQUIRES(mutex_);

  const std::string url_;
  const std::filesystem::path key_file_;
  std::atomic<bool> cancelled_ = false;
  Mutex mutex_;
  net::HttpClient client_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::server
