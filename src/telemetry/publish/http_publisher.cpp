#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "codec/otlp.h"
#include "codec/snappy_block.h"
#include "net/http_client.h"
#include "telemetry/publish/publishers.h"
#include "telemetry/publish/wire_forms.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxAnswer = 64u << 10, kMaxToken = 64u << 10;

struct Post {
  std::string path;  ///< added to the publisher's address
  std::string body, content_type, content_encoding;
};

enum class Form : std::uint8_t { json, remote_write, otlp, prometheus, monasca };

/// What to post, in order.
std::vector<Post> posts_of(const Outgoing& outgoing, Form form, bool batched) {
  std::vector<Post> posts;
  if (form == Form::remote_write) {
    if (!outgoing.samples.empty())
      posts.push_back(
          {"", codec::snappy_compress(write_request(outgoing.samples)), "application/x-protobuf", "snappy"});
    return posts;
  }
  if (form == Form::prometheus) {
    if (!outgoing.samples.empty())
      posts.push_back({"", exposition(outgoing.samples), "text/plain; version=0.0.4", ""});
    return posts;
  }
  if (form == Form::monasca) {
    if (!outgoing.samples.empty())
      posts.push_back(
          {"/metrics", json::serialize(monasca_metrics(outgoing.samples)), "application/json", ""});
    return posts;
  }
  if (form == Form::otlp) {
    Batch metrics, logs;
    for (const MeterSample& sample : outgoing.samples) metrics.series.push_back(series_of(sample));
    logs.events = outgoing.events;
    if (!metrics.series.empty())
      posts.push_back({"/v1/metrics", codec::encode_otlp_metrics(metrics), "application/x-protobuf", ""});
    if (!logs.events.empty())
      posts.push_back({"/v1/logs", codec::encode_otlp_logs(logs), "application/x-protobuf", ""});
    return posts;
  }
  json::array all;
  for (const MeterSample& sample : outgoing.samples) all.push_back(plain_sample(sample));
  const auto flush = [&] {
    if (batched && !all.empty()) posts.push_back({"", json::serialize(all), "application/json", ""});
    if (!batched)
      for (const json::value& one : all) posts.push_back({"", json::serialize(one), "application/json", ""});
    all.clear();
  };
  flush();
  for (const Event& event : outgoing.events) all.push_back(plain_event(event));
  flush();
  return posts;
}

class HttpPublisher final : public Publisher {
 public:
  HttpPublisher(std::string url, std::string query, Form form, bool batched, Duration timeout,
                std::string authorization, std::string token_file, net::TlsClientOptions tls)
      : url_(std::move(url)),
        query_(std::move(query)),
        authorization_(std::move(authorization)),
        token_file_(std::move(token_file)),
        form_(form),
        batched_(batched),
        timeout_(timeout),
        client_(std::move(tls)) {}

  Result<void> publish(const Outgoing& outgoing) override {
    for (const Post& post : posts_of(outgoing, form_, batched_)) SENT_TRY(send(post));
    return {};
  }

 private:
  Result<void> send(const Post& post) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = url_ + post.path + query_;
    request.body = post.body;
    request.timeout = timeout_;
    request.max_response_bytes = kMaxAnswer;
    request.headers.set("Content-Type", post.content_type);
    if (!post.content_encoding.empty()) request.headers.set("Content-Encoding", post.content_encoding);
    if (form_ == Form::remote_write) request.headers.set("X-Prometheus-Remote-Write-Version", "0.1.0");
    if (!authorization_.empty()) request.headers.set("Authorization", authorization_);
    if (!token_file_.empty()) {
      SENT_TRY_ASSIGN(const std::string token, read_file(token_file_, kMaxToken));
      request.headers.set("X-Auth-Token", trim(token));
    }
    SENT_TRY_ASSIGN(const net::Response response, client_.send(request));
    if (response.status >= 200 && response.status < 300) return {};
    const bool later = response.status >= 500 || response.status == 408 || response.status == 429;
    return fail(later ? Errc::kUnavailable : Errc::kInvalid, "{} answered {}", url_, response.status);
  }

  const std::string url_, query_, authorization_, token_file_;
  const Form form_;
  const bool batched_;
  const Duration timeout_;
  net::HttpClient client_;
};

Form form_of(std::string_view scheme) {
  if (scheme.starts_with("remote-write")) return Form::remote_write;
  if (scheme.starts_with("otlp")) return Form::otlp;
  if (scheme.starts_with("monasca")) return Form::monasca;
  return scheme == "prometheus" ? Form::prometheus : Form::json;
}

}  // namespace

MadePublisher make_http_publisher(PublisherUrl url) {
  if (url.host.empty()) return fail(Errc::kInvalid, "the publisher {}:// names no host", url.scheme);
  const bool tls = url.scheme == "https" || url.scheme == "otlps" || url.scheme == "remote-writes" ||
                   url.scheme == "monascas";
  SENT_TRY_ASSIGN(const auto seconds, url.take_number("timeout", 5, 300));
  net::TlsClientOptions options;
  options.verify = !iequals(url.take_option("verify_ssl", "true"), "false");
  options.ca_file = url.take_option("cacert", "");
  options.certificate_file = url.take_option("clientcert", "");
  options.key_file = url.take_option("clientkey", "");
  std::string token_file = url.take_option("token_file", "");
  const bool batched = !iequals(url.take_option("batch", "true"), "false");
  const std::string authorization =
      url.user.empty() ? "" : "Basic " + to_base64(url.user + ":" + url.password);
  const std::string address = fmt::format("{}://{}{}{}", tls ? "https" : "http", url.host,
                                          url.port == 0 ? "" : fmt::format(":{}", url.port), url.path);
  SENT_TRY(net::parse_url(address));
  return std::make_unique<HttpPublisher>(address, url.query(), form_of(url.scheme), batched,
                                         std::chrono::seconds(seconds), authorization, std::move(token_file),
                                         std::move(options));
}

}  // namespace sentinella::telemetry
