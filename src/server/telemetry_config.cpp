#include "server/telemetry_config.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "server/config.h"
#include "server/section_options.h"
#include "telemetry/bus/transport_url.h"

namespace sentinella::server {
namespace {

constexpr std::uint64_t kLeastDeadLetters = 1u << 20;

template <auto Member>
Result<void> set_text(TelemetryConfig& config, const std::string& value) {
  config.*Member = value;
  return {};
}
template <auto Member>
Result<void> set_flag(TelemetryConfig& config, const std::string& value) {
  if (!iequals(value, "true") && !iequals(value, "false"))
    return fail(Errc::kInvalid, "\"{}\" is neither true nor false", value);
  config.*Member = iequals(value, "true");
  return {};
}
/// The value holds passwords: no message may repeat it.
Result<void> set_brokers(TelemetryConfig& config, const std::string& value) {
  std::string list = value;
  std::ranges::replace(list, '\n', ' ');
  for (const std::string_view one : split(list, ' '))
    if (!one.empty()) SENT_TRY(telemetry::parse_transport_url(one));
  config.brokers = list;
  return {};
}
Result<void> set_queue_type(TelemetryConfig& config, const std::string& value) {
  if (value != "classic" && value != "quorum")
    return fail(Errc::kInvalid, "\"{}\" is neither classic nor quorum", value);
  config.quorum_queue = value == "quorum";
  return {};
}
Result<void> set_dead_letter_bytes(TelemetryConfig& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.dead_letter_bytes, parse_bytes(value));
  if (config.dead_letter_bytes < kLeastDeadLetters)
    return fail(Errc::kInvalid, "\"{}\" is less than 1MiB", value);
  return {};
}

using Option = SectionOption<TelemetryConfig>;
using Telemetry = TelemetryConfig;

constexpr std::array kOptions{
    Option{"brokers", "",
           "OpenStack's message brokers, as services have them in transport_url, separated by blanks: "
           "rabbit://USER:PASSWORD@HOST:PORT,USER:PASSWORD@HOST2:PORT/VHOST; rabbits:// speaks TLS. Empty: "
           "no notifications are listened to.",
           set_brokers},
    Option{"account", "default", "Whose the cloud is.", set_text<&Telemetry::account>},
    Option{"queue", "sentinella",
           "The queue, of our own on every broker: nothing is taken from other consumers. It keeps what "
           "comes while this server is away.",
           set_text<&Telemetry::queue>},
    Option{"queue_type", "classic", "Of the queue, when it is made: classic or quorum.", set_queue_type},
    Option{"exchanges",
           "nova, glance, neutron, cinder, heat, keystone, trove, zaqar, swift, ceilometer, magnum, dns, "
           "ironic, aodh, manila, octavia, openstack",
           "Control exchanges of the services; one that is not there is made.",
           set_text<&Telemetry::exchanges>},
    Option{"durable_exchanges", "false",
           "How a missing exchange is made; as amqp_durable_queues of the services, which else could not use "
           "it.",
           set_flag<&Telemetry::durable_exchanges>},
    Option{"topics", "notifications, versioned_notifications", "", set_text<&Telemetry::topics>},
    Option{"ca", "", "PEM; who vouches for brokers with TLS; default: the system's.",
           set_text<&Telemetry::ca>},
    Option{"certificate", "", "PEM; shown to brokers that ask for one.", set_text<&Telemetry::certificate>},
    Option{"key", "", "PEM private key of that certificate.", set_text<&Telemetry::key>},
    Option{"verify", "true", "false: any certificate of a broker is good.", set_flag<&Telemetry::verify>},
    Option{"meters", "", "A meters.yaml, or a directory of such; default: the shipped one.",
           set_text<&Telemetry::meters>},
    Option{"event_definitions", "", "An event_definitions.yaml; default: the shipped one.",
           set_text<&Telemetry::event_definitions>},
    Option{"pipeline", "", "A pipeline.yaml; default: the shipped one.", set_text<&Telemetry::pipeline>},
    Option{"event_pipeline", "", "An event_pipeline.yaml; default: the shipped one.",
           set_text<&Telemetry::event_pipeline>},
    Option{"keystone_url", "",
           "Identity API, as http://HOST:5000/v3. With it OpenStack's APIs are asked for meters; empty: they "
           "are not.",
           set_text<&Telemetry::keystone_url>},
    Option{"username", "sentinella", "", set_text<&Telemetry::username>},
    Option{"password_file", "", "A file whose first line is the password.",
           set_text<&Telemetry::password_file>},
    Option{"project", "service", "", set_text<&Telemetry::project>},
    Option{"user_domain", "Default", "", set_text<&Telemetry::user_domain>},
    Option{"project_domain", "Default", "", set_text<&Telemetry::project_domain>},
    Option{"region", "", "Of the endpoints; empty: any.", set_text<&Telemetry::region>},
    Option{"interface", "internal", "Of the endpoints; where there is none, public.",
           set_text<&Telemetry::interface>},
    Option{"polling", "", "A polling.yaml; default: the shipped one, everything each 300 s.",
           set_text<&Telemetry::polling>},
    Option{"pollsters", "", "Dynamic pollsters in YAML; default: the shipped ones.",
           set_text<&Telemetry::pollsters>},
    Option{"dead_letter_bytes", "256MiB", "Messages that cannot be taken are kept; the oldest go above this.",
           set_dead_letter_bytes},
};

}  // namespace

Result<void> set_telemetry(TelemetryConfig& config, const IniOption& option) {
  return set_option<TelemetryConfig>(kOptions, config, option);
}

std::string telemetry_sample() {
  return sample_of<TelemetryConfig>(kTelemetrySection, kOptions);
}

}  // namespace sentinella::server
