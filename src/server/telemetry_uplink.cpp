#include "server/telemetry_uplink.h"

#include "base/file.h"
#include "base/text.h"
#include "codec/otlp.h"
#include "telemetry/store_records.h"

namespace sentinella::server {
namespace {

constexpr Duration kUplinkPatience = 30s;
constexpr std::size_t kMaxKeyFile = 4u << 10;

}  // namespace

TelemetryUplink::TelemetryUplink(std::string url, std::filesystem::path key_file, net::TlsClientOptions tls)
    : url_(std::move(url)), key_file_(std::move(key_file)), client_(std::move(tls), &cancelled_) {}

Result<void> TelemetryUplink::post(const std::string& path, std::string body) {
  SENT_TRY_ASSIGN(const std::string key, read_file(key_file_, kMaxKeyFile));
  net::ClientRequest request{.method = "POST", .url = url_ + path, .body = std::move(body)};
  request.timeout = kUplinkPatience;
  request.headers.set("Content-Type", "application/x-protobuf");
  request.headers.set("Authorization",
                      fmt::format("Bearer {}", trim(std::string_view(key).substr(0, key.find('\n')))));
  SENT_TRY_ASSIGN(const net::Response response, client_.send(request));
  if (response.status < 300) return {};
  return fail(Errc::kUnavailable, "{} answered {} to {}", url_, response.status, path);
}

Result<void> TelemetryUplink::send(const telemetry::Outgoing& outgoing) {
  std::vector<SeriesSamples> samples;
  samples.reserve(outgoing.samples.size());
  for (const auto& sample : outgoing.samples) samples.push_back(telemetry::series_of(sample));
  SENT_TRY(send(std::move(samples)));
  Batch events;
  events.events = outgoing.events;
  Lock lock(mutex_);
  if (!events.events.empty()) SENT_TRY(post("/otlp/v1/logs", codec::encode_otlp_logs(events)));
  return {};
}

Result<void> TelemetryUplink::send(std::vector<SeriesSamples> series) {
  if (series.empty()) return {};
  Batch batch;
  batch.series = std::move(series);
  Lock lock(mutex_);
  return post("/otlp/v1/metrics", codec::encode_otlp_metrics(batch));
}

}  // namespace sentinella::server
