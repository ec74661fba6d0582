// Somebody else's message bus: samples and events as Ceilometer's notifier publisher sends them, for agents
// and consumers that read its topics.
#include "base/ids.h"
#include "base/json.h"
#include "base/text.h"
#include "telemetry/bus/amqp_sender.h"
#include "telemetry/message_signature.h"
#include "telemetry/publish/publishers.h"
#include "telemetry/publish/wire_forms.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kSamplesOfMessage = 100;
constexpr std::string_view kPriority = "sample";

struct NotifierOptions {
  TransportUrl broker;
  TlsFilesOfBroker tls;
  std::string exchange, sample_topic, event_topic;
  std::string secret;  ///< of signatures; "" = none
  bool per_meter = false;
};

class NotifierPublisher final : public Publisher {
 public:
  explicit NotifierPublisher(NotifierOptions options) : options_(std::move(options)) {}

  Result<void> publish(const Outgoing& outgoing) override {
    std::vector<AmqpSender::Message> messages;
    add_samples(outgoing.samples, messages);
    add_events(outgoing.events, messages);
    if (messages.empty()) return {};
    if (!sender_) {
      SENT_TRY_ASSIGN(
          sender_,
          AmqpSender::open(options_.broker.nodes.front(), options_.broker, options_.tls, options_.exchange,
                           {key(options_.sample_topic), key(options_.event_topic)}, cut_));
    }
    auto sent = sender_->send(messages);
    if (!sent) sender_.reset();
    return sent;
  }

  bool takes_events() const override { return true; }
  void cancel() override { cut_.cut(); }

 private:
  static std::string key(const std::string& topic) { return topic + "." + std::string(kPriority); }

  void add_samples(const std::vector<MeterSample>& samples,
                   std::vector<AmqpSender::Message>& messages) const {
    json::array payload;
    for (const MeterSample& sample : samples) {
      json::object wire = sample_to_wire(sample);
      sign(wire, options_.secret);
      if (options_.per_meter)
        messages.push_back(
            message(options_.sample_topic, options_.sample_topic + "." + sample.name, json::array{wire}));
      payload.push_back(std::move(wire));
      if (payload.size() < kSamplesOfMessage) continue;
      messages.push_back(message(options_.sample_topic, options_.sample_topic, std::exchange(payload, {})));
    }
    if (!payload.empty())
      messages.push_back(message(options_.sample_topic, options_.sample_topic, std::move(payload)));
  }

  void add_events(const std::vector<Event>& events, std::vector<AmqpSender::Message>& messages) const {
    json::array payload;
    for (const Event& event : events) {
      json::object wire = plain_event(event);
      sign(wire, options_.secret);
      payload.push_back(std::move(wire));
    }
    if (!payload.empty())
      messages.push_back(message(options_.event_topic, options_.event_topic, std::move(payload)));
  }

  AmqpSender::Message message(const std::string& topic, const std::string& event_type,
                              json::array payload) const {
    std::string stamp = to_rfc3339(system_clock().now());
    stamp = stamp.substr(0, 19);
    stamp[10] = ' ';
    const json::object inner{{"message_id", to_text(random_uuid())},
                             {"publisher_id", "telemetry.publisher." + host_},
                             {"event_type", event_type},
                             {"priority", "SAMPLE"},
                             {"payload", std::move(payload)},
                             {"timestamp", stamp},
                             {"_unique_id", to_text(random_uuid())}};
    return {key(topic),
            json::serialize(json::object{{"oslo.version", "2.0"}, {"oslo.message", json::serialize(inner)}})};
  }

  const NotifierOptions options_;
  const std::string host_ = own_host();
  SocketCut cut_;
  std::unique_ptr<AmqpSender> sender_;
};

}  // namespace

MadePublisher make_notifier_publisher(PublisherUrl url) {
  if (url.host.empty()) return fail(Errc::kInvalid, "the publisher {}:// names no host", url.scheme);
  NotifierOptions options;
  options.broker.tls = url.take_option("ssl", "0") == "1";
  options.broker.vhost = url.path.size() > 1 ? url.path.substr(1) : "/";
  BrokerNode node;
  node.host = url.host;
  node.port = url.port != 0 ? url.port : options.broker.tls ? 5671 : 5672;
  if (!url.user.empty()) {
    node.user = url.user;
    node.password = url.password;
  }
  options.broker.nodes.push_back(std::move(node));
  options.tls.ca = url.take_option("cacert", "");
  options.tls.verify = !iequals(url.take_option("verify_ssl", "true"), "false");
  SENT_TRY_ASSIGN(options.secret, url.take_secret("secret_file"));
  options.exchange = url.take_option("exchange", "ceilometer");
  const std::string topic = url.take_option("topic", "");
  options.sample_topic = topic.empty() ? "metering" : topic;
  options.event_topic = topic.empty() ? "event" : topic;
  options.per_meter = url.take_option("per_meter_topic", "0") == "1";
  return std::make_unique<NotifierPublisher>(std::move(options));
}

}  // namespace sentinella::telemetry
