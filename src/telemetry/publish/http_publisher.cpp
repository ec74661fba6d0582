#include <algorithm>
#include <map>

#include "base/crypto.h"
#include "base/file.h"
#include "base/hmac.h"
#include "base/ids.h"
#include "base/text.h"
#include "codec/otlp.h"
#include "codec/snappy_block.h"
#include "net/http_client.h"
#include "telemetry/publish/body_template.h"
#include "telemetry/publish/publishers.h"
#include "telemetry/publish/wire_forms.h"
#include "telemetry/shipped_files.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxAnswer = 64u << 10, kMaxToken = 64u << 10, kMaxTemplate = 1u << 20;
constexpr std::uint16_t kZaqarPort = 8888;

struct Post {
  std::string path;  ///< added to the publisher's address
  std::string body, content_type, content_encoding;
};

enum class Form : std::uint8_t { json, remote_write, otlp, prometheus, monasca, zaqar };

struct HttpPublisherOptions {
  std::string url, query;
  Form form = Form::json;
  bool batched = true;
  bool grouped = false;                   ///< of a push gateway: the address names a group
  std::optional<BodyTemplate> body;       ///< instead of the form
  std::optional<MonascaMapping> mapping;  ///< of Monasca's metrics, as the next
  std::map<std::string, std::string> dimensions;
  std::uint64_t ttl = 0;  ///< of Zaqar's messages, seconds
  std::string client_id;  ///< Zaqar wants to know who speaks
  Duration timeout{};
  std::string authorization, token_file;
};

/// A push replaces all series of its metrics in its group: where the address names none each resource is a
/// group, so that none takes another's away. A gateway takes no slash in the value of a label but in base64.
std::vector<Post> pushes_of(const std::vector<MeterSample>& samples, bool grouped) {
  std::map<std::string, std::vector<MeterSample>> groups;
  for (const MeterSample& sample : samples) groups[grouped ? "" : sample.resource_id].push_back(sample);
  std::vector<Post> posts;
  for (const auto& [resource, of_one] : groups) {
    std::string path;
    if (!grouped && !resource.empty())
      path = resource.contains('/') ? "/resource_id@base64/" + to_base64url(resource)
                                    : "/resource_id/" + net::percent_encode(resource);
    posts.push_back({std::move(path), exposition(of_one), "text/plain; version=0.0.4", ""});
  }
  return posts;
}

/// What to post, in order.
std::vector<Post> posts_of(const Outgoing& outgoing, const HttpPublisherOptions& options) {
  const Form form = options.form;
  std::vector<Post> posts;
  if (form == Form::remote_write) {
    if (!outgoing.samples.empty())
      posts.push_back(
          {"", codec::snappy_compress(write_request(outgoing.samples)), "application/x-protobuf", "snappy"});
    return posts;
  }
  if (form == Form::prometheus) return pushes_of(outgoing.samples, options.grouped);
  if (form == Form::monasca) {
    if (!outgoing.samples.empty())
      posts.push_back(
          {"/metrics",
           json::serialize(monasca_metrics(outgoing.samples, *options.mapping, options.dimensions)),
           "application/json", ""});
    return posts;
  }
  if (form == Form::zaqar) {
    for (std::string& body : zaqar_posts(outgoing.samples, outgoing.events, options.ttl))
      posts.push_back({"", std::move(body), "application/json", ""});
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
    if (options.batched && !all.empty()) posts.push_back({"", json::serialize(all), "application/json", ""});
    if (!options.batched)
      for (const json::value& one : all) posts.push_back({"", json::serialize(one), "application/json", ""});
    all.clear();
  };
  flush();
  for (const Event& event : outgoing.events) all.push_back(plain_event(event));
  flush();
  return posts;
}

/// One of each event and sample that the template has a body for.
std::vector<Post> posts_by(const BodyTemplate& form, const Outgoing& outgoing) {
  std::vector<Post> posts;
  const auto add = [&](const auto& item) {
    if (auto body = form.body(item)) posts.push_back({form.path(), *std::move(body), "application/json", ""});
  };
  for (const MeterSample& sample : outgoing.samples) add(sample);
  for (const Event& event : outgoing.events) add(event);
  return posts;
}

class HttpPublisher final : public Publisher {
 public:
  HttpPublisher(HttpPublisherOptions options, net::TlsClientOptions tls)
      : options_(std::move(options)), client_(std::move(tls), &cancelled_) {}

  Result<void> publish(const Outgoing& outgoing) override {
    const auto posts = options_.body ? posts_by(*options_.body, outgoing) : posts_of(outgoing, options_);
    // What one of them says that the other side refuses holds up none of the others.
    Result<void> refused;
    const auto taken_before = std::exchange(taken_, {});
    for (std::size_t i = 0; i < posts.size(); ++i) {
      const Sha256 digest = posts.size() > 1 ? digest_of(posts[i]) : Sha256{};
      const auto before = taken_before.find(i);
      auto sent = before != taken_before.end() && before->second == digest ? Result<void>() : send(posts[i]);
      if (!sent && sent.error().code != Errc::kInvalid) return sent;
      if (sent) taken_.emplace(i, digest);
      if (!sent && refused) refused = std::move(sent);
    }
    taken_.clear();
    return refused;
  }
  bool takes_samples() const override { return !options_.body || options_.body->has_samples(); }
  bool takes_events() const override {
    if (options_.body) return options_.body->has_events();
    return options_.form == Form::json || options_.form == Form::otlp || options_.form == Form::zaqar;
  }
  bool one_by_one() const override {
    return options_.body || (options_.form == Form::json && !options_.batched);
  }

 private:
  Result<void> send(const Post& post) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = options_.url + post.path + options_.query;
    request.body = post.body;
    request.timeout = options_.timeout;
    request.max_response_bytes = kMaxAnswer;
    request.headers.set("Content-Type", post.content_type);
    if (!post.content_encoding.empty()) request.headers.set("Content-Encoding", post.content_encoding);
    if (options_.form == Form::remote_write)
      request.headers.set("X-Prometheus-Remote-Write-Version", "0.1.0");
    if (options_.body)
      for (const auto& [name, value] : options_.body->headers()) request.headers.set(name, value);
    if (!options_.client_id.empty()) request.headers.set("Client-ID", options_.client_id);
    if (!options_.authorization.empty()) request.headers.set("Authorization", options_.authorization);
    if (!options_.token_file.empty()) {
      SENT_TRY_ASSIGN(const std::string token, read_file(options_.token_file, kMaxToken));
      request.headers.set("X-Auth-Token", trim(token));
    }
    const auto response = client_.send(request);
    come_on();
    if (!response) return std::unexpected(response.error());
    return judge(*response);
  }

  Result<void> judge(const net::Response& response) const {
    if (response.status >= 200 && response.status < 300) {
      if (!options_.body || options_.body->accepted(response.body)) return {};
      return fail(Errc::kInvalid, "{} answered {}, and not that it took it", options_.url, response.status);
    }
    // A token that has expired is renewed by somebody else.
    const bool renewed = response.status == 401 && !options_.token_file.empty();
    const bool later = response.status >= 500 || response.status == 408 || response.status == 429 || renewed;
    return fail(later ? Errc::kUnavailable : Errc::kInvalid, "{} answered {}", options_.url, response.status);
  }

  static Sha256 digest_of(const Post& post) {
    HmacSha256 digest({});
    digest.add(post.path);
    digest.add(post.body);
    return digest.finish();
  }

  const HttpPublisherOptions options_;
  net::HttpClient client_;
  /// Posts of the last batch that the other side has, by their place in it, when another of them failed: who
  /// tries again with the same batch sends the rest alone.
  std::map<std::size_t, Sha256> taken_;
};

/// Ceilometer's `verify_ssl` is a word, or the path of a CA.
void take_verification(PublisherUrl& url, net::TlsClientOptions& tls) {
  tls.ca_file = url.take_option("cacert", "");
  const std::string given = url.take_option("verify_ssl", "true"), verify = to_lower(given);
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, verify) != words.end();
  };
  tls.verify = !is_one_of({"false", "0", "no", "n", "off", "f"});
  if (tls.verify && !is_one_of({"true", "1", "yes", "y", "on", "t"})) tls.ca_file = given;
}

/// "/metrics/job/NAME/LABEL/VALUE": somebody has thought about groups.
bool names_a_group(std::string_view path) {
  if (!path.starts_with("/metrics/job/")) return false;
  return std::ranges::count_if(split(path, '/'), [](std::string_view part) { return !part.empty(); }) > 3;
}

bool adds_to_the_path(const HttpPublisherOptions& options) {
  if (options.body) return options.body->path().starts_with('/');
  return options.form == Form::otlp || options.form == Form::monasca || options.form == Form::prometheus ||
         options.form == Form::zaqar;
}

Form form_of(std::string_view scheme) {
  if (scheme.starts_with("remote-write")) return Form::remote_write;
  if (scheme.starts_with("otlp") || scheme == "opentelemetryhttp") return Form::otlp;
  if (scheme.starts_with("monasca")) return Form::monasca;
  if (scheme.starts_with("zaqar")) return Form::zaqar;
  return scheme == "prometheus" ? Form::prometheus : Form::json;
}

/// Those that name the cloud are dimensions; batching, retries and what to do after a failure are the
/// queue's.
Result<void> take_monasca_options(PublisherUrl& url, HttpPublisherOptions& options) {
  for (const char* name : {"control_plane", "cluster", "cloud_name"})
    options.dimensions[name] = url.take_option(name, "");
  if (const std::string region = url.take_option("region", ""); !region.empty())
    options.dimensions["region"] = region;
  for (const char* name : {"batch_mode", "batch_count", "batch_timeout", "batch_max_retries",
                           "retry_on_failure", "archive_on_failure", "archive_path"})
    url.take_option(name, "");
  const std::string file = url.take_option("monasca_mappings", "");
  auto text = file.empty() ? Result<std::string>(shipped_file("monasca_field_definitions.yaml"))
                           : read_file(file, kMaxTemplate);
  auto mapping = text ? MonascaMapping::parse(*text) : std::unexpected(text.error());
  if (!mapping)
    return fail_field(Errc::kInvalid, "monasca_mappings", "{}: {}", file, describe(mapping.error()));
  options.mapping = *std::move(mapping);
  return {};
}

/// The queue is a part of the address. Zaqar keeps a message for a minute at least, two weeks at most.
Result<void> take_zaqar_options(PublisherUrl& url, HttpPublisherOptions& options) {
  const std::string queue = url.take_option("queue", "");
  if (queue.empty()) return fail_field(Errc::kInvalid, "queue", "is missing");
  SENT_TRY_ASSIGN(options.ttl, url.take_number("ttl", 3600, 1'209'600));
  if (options.ttl < 60) return fail_field(Errc::kInvalid, "ttl", "must be 60 to 1209600 s");
  options.client_id = to_text(random_uuid());
  url.path += fmt::format("/v2/queues/{}/messages", net::percent_encode(queue));
  if (url.port == 0) url.port = kZaqarPort;
  return {};
}

/// A file's, or of the definitions that come with the program: "zenoss".
Result<std::optional<BodyTemplate>> template_named(const std::string& name, Form form) {
  if (name.empty()) return std::nullopt;
  if (form != Form::json) return fail_field(Errc::kInvalid, "template", "is for http:// and https:// alone");
  std::string text(shipped_file(name + ".yaml"));
  if (name.find('/') != std::string::npos) {
    SENT_TRY_ASSIGN(text, read_file(name, kMaxTemplate));
  }
  if (text.empty()) return fail_field(Errc::kInvalid, "template", "\"{}\" is no file and not shipped", name);
  auto parsed = BodyTemplate::parse(text);
  if (!parsed) return fail_field(Errc::kInvalid, "template", "{}: {}", name, describe(parsed.error()));
  return *std::move(parsed);
}

}  // namespace

MadePublisher make_http_publisher(PublisherUrl url) {
  if (url.host.empty()) return fail(Errc::kInvalid, "the publisher {}:// names no host", url.scheme);
  bool tls = url.scheme == "https" || url.scheme == "otlps" || url.scheme == "remote-writes" ||
             url.scheme == "monascas" || url.scheme == "zaqars";
  // Ceilometer's names have no second scheme for TLS.
  if (url.scheme == "prometheus" || url.scheme == "opentelemetryhttp")
    tls = iequals(url.take_option("ssl", "false"), "true");
  HttpPublisherOptions options;
  options.form = form_of(url.scheme);
  SENT_TRY_ASSIGN(const auto seconds, url.take_number("timeout", 5, 300));
  options.timeout = std::chrono::seconds(seconds);
  net::TlsClientOptions tls_options;
  take_verification(url, tls_options);
  tls_options.certificate_file = url.take_option("clientcert", "");
  tls_options.key_file = url.take_option("clientkey", "");
  options.token_file = url.take_option("token_file", "");
  if (iequals(url.take_option("raw_only", "false"), "true"))
    return fail_field(Errc::kUnsupported, "raw_only", "cannot be: events do not keep the notification");
  options.batched = !iequals(url.take_option("batch", "true"), "false");
  SENT_TRY_ASSIGN(options.body, template_named(url.take_option("template", ""), options.form));
  if (options.form == Form::monasca) SENT_TRY(take_monasca_options(url, options));
  if (!url.user.empty()) options.authorization = "Basic " + to_base64(url.user + ":" + url.password);
  options.grouped = names_a_group(url.path);
  // A push gateway takes two slashes in a row for an empty label.
  if (adds_to_the_path(options))
    while (url.path.ends_with('/')) url.path.pop_back();
  if (options.form == Form::zaqar) SENT_TRY(take_zaqar_options(url, options));
  // Ours adds what is sent.
  if (constexpr std::string_view kMetrics = "/v1/metrics";
      url.scheme == "opentelemetryhttp" && url.path.ends_with(kMetrics))
    url.path.resize(url.path.size() - kMetrics.size());
  options.url = fmt::format("{}://{}{}{}", tls ? "https" : "http", url.host,
                            url.port == 0 ? "" : fmt::format(":{}", url.port), url.path);
  SENT_TRY(net::parse_url(options.url));
  options.query = url.query();
  return std::make_unique<HttpPublisher>(std::move(options), std::move(tls_options));
}

}  // namespace sentinella::telemetry
