// From a notification by the shipped meters.yaml to a Gnocchi whose resource types require attributes.
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "base/json.h"
#include "net/http_server.h"
#include "telemetry/processor.h"
#include "telemetry/publish/publish_testing.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::Pair;

/// Makes no instance that has no host or name, as with the types that ceilometer-upgrade makes.
class StrictGnocchi {
 public:
  StrictGnocchi() {
    auto started = net::start_http_server(
        {.host = "127.0.0.1", .port = 0},
        [this](const net::Request& request, net::Respond respond) { respond(answer(request)); }, 1);
    EXPECT_TRUE(started);
    server_ = *std::move(started);
  }
  ~StrictGnocchi() { server_->stop(1s); }
  std::string url() const { return fmt::format("gnocchi://127.0.0.1:{}", server_->port()); }
  /// "type ID" and the host of what was made.
  std::map<std::string, std::string> made() const {
    Lock lock(mutex_);
    return made_;
  }
  std::set<std::string> metrics() const {
    Lock lock(mutex_);
    return metrics_;
  }

 private:
  net::Response answer(const net::Request& request) {
    Lock lock(mutex_);
    const auto body = *parse_json_object(request.body);
    if (request.path == "/v1/batch/resources/metrics/measures") return take_measures(body);
    constexpr std::string_view kOfType = "/v1/resource/";
    if (request.method != "POST" || !request.path.starts_with(kOfType)) return {200, {}, "{}", {}};
    const std::string type = request.path.substr(kOfType.size());
    if (type == "instance" && (!body.contains("host") || !body.contains("display_name")))
      return {400, {}, "required key not provided", {}};
    const auto* host = body.if_contains("host");
    made_[type + " " + std::string(body.at("id").as_string())] =
        host == nullptr ? "" : std::string(host->as_string());
    return {201, {}, "{}", {}};
  }

  net::Response take_measures(const boost::json::object& body) SENT_REQUIRES(mutex_) {
    std::set<std::string> unknown;
    for (const auto& [id, metrics] : body) {
      const bool is_made = std::ranges::any_of(
          made_, [&](const auto& one) { return one.first.ends_with(" " + std::string(id)); });
      if (!is_made) unknown.emplace(id);
    }
    if (!unknown.empty()) return {400, {}, R"({"description":{"cause":"Unknown resources"}})", {}};
    for (const auto& [id, metrics] : body)
      for (const auto& [name, metric] : metrics.as_object()) metrics_.emplace(name);
    return {202, {}, "", {}};
  }

  mutable Mutex mutex_;
  std::map<std::string, std::string> made_ SENT_GUARDED_BY(mutex_);
  std::set<std::string> metrics_ SENT_GUARDED_BY(mutex_);
  std::unique_ptr<net::HttpServer> server_;
};

constexpr std::string_view kInstance =
    R"({"instance_id":"i","tenant_id":"p","memory_mb":512,"vcpus":1,"root_gb":1,"ephemeral_gb":0,"host":"c1",
        "display_name":"web","created_at":"2026-01-02 03:04:00","launched_at":"2026-01-02 03:04:05"})";

class NotificationToGnocchi : public testing::TestWithParam<std::string> {};

TEST_P(NotificationToGnocchi, MakesAnInstanceWithWhatItsTypeRequires) {
  StrictGnocchi gnocchi;
  Definitions definitions;
  definitions.pipeline = fmt::format(
      "{{sources: [{{name: s, meters: ['*'], sinks: [k]}}], sinks: [{{name: k, publishers: ['{}']}}]}}",
      gnocchi.url());
  auto processor = Processor::make(definitions);
  ASSERT_TRUE(processor) << describe(processor.error());
  ASSERT_TRUE(processor->take(envelope(inner_message(GetParam(), std::string(kInstance))),
                              {1'767'323'045'000'000'000}));
  std::size_t published = 0;
  for (const Outgoing& out : processor->take_outgoing()) {
    if (out.publisher != gnocchi.url()) continue;
    const auto done = publish_testing::publisher(out.publisher)->publish(out);
    EXPECT_TRUE(done) << describe(done.error());
    published += out.samples.size();
  }
  EXPECT_GT(published, 0u);
  EXPECT_THAT(gnocchi.made(), ElementsAre(Pair("instance i", "c1")));
  EXPECT_TRUE(gnocchi.metrics().contains("vcpus"));
}

INSTANTIATE_TEST_SUITE_P(Acts, NotificationToGnocchi,
                         testing::Values("compute.instance.create.end", "compute.instance.exists",
                                         "compute.instance.live_migration._post.end"),
                         [](const auto& act) { return "act" + std::to_string(act.index); });

}  // namespace
}  // namespace sentinella::telemetry
