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

Result<void> set_hypervisor_interval(TelemetryConfig& config, const std::string& value) {
  SENT_TRY_ASSIGN(config.hypervisor_interval, parse_duration(value));
  if (config.hypervisor_interval != Duration{} && config.hypervisor_interval < std::chrono::seconds(1))
    return fail(Errc::kInvalid, "\"{}\" is less than 1s", value);
  return {};
}

using TelemetryOption = SectionOption<TelemetryConfig>;

constexpr std::array kTelemetryOptions{
    TelemetryOption{
        "brokers", "",
        "OpenStack's message brokers, as services have them in transport_url, separated by blanks: "
        "rabbit://USER:PASSWORD@HOST:PORT,USER:PASSWORD@HOST2:PORT/VHOST; rabbits:// speaks TLS. Empty: "
        "no notifications are listened to.",
        set_brokers},
    TelemetryOption{"account", "default", "Whose the cloud is.", set_text<&TelemetryConfig::account>},
    TelemetryOption{
        "queue", "sentinella",
        "The queue, of our own on every broker: nothing is taken from other consumers. It keeps what "
        "comes while this server is away.",
        set_text<&TelemetryConfig::queue>},
    TelemetryOption{"queue_type", "classic", "Of the queue, when it is made: classic or quorum.",
                    set_queue_type},
    TelemetryOption{
        "exchanges",
        "nova, glance, neutron, cinder, heat, keystone, trove, zaqar, swift, ceilometer, magnum, dns, "
        "ironic, aodh, manila, octavia, openstack",
        "Control exchanges of the services; one that is not there is made.",
        set_text<&TelemetryConfig::exchanges>},
    TelemetryOption{
        "durable_exchanges", "false",
        "How a missing exchange is made; as amqp_durable_queues of the services, which else could not use "
        "it.",
        set_flag<&TelemetryConfig::durable_exchanges>},
    TelemetryOption{"topics", "notifications, versioned_notifications", "",
                    set_text<&TelemetryConfig::topics>},
    TelemetryOption{"ca", "", "PEM; who vouches for brokers with TLS; default: the system's.",
                    set_text<&TelemetryConfig::ca>},
    TelemetryOption{"certificate", "", "PEM; shown to brokers that ask for one.",
                    set_text<&TelemetryConfig::certificate>},
    TelemetryOption{"key", "", "PEM private key of that certificate.", set_text<&TelemetryConfig::key>},
    TelemetryOption{"verify", "true", "false: any certificate of a broker is good.",
                    set_flag<&TelemetryConfig::verify>},
    TelemetryOption{"meters", "", "A meters.yaml, or a directory of such; default: the shipped one.",
                    set_text<&TelemetryConfig::meters>},
    TelemetryOption{"event_definitions", "", "An event_definitions.yaml; default: the shipped one.",
                    set_text<&TelemetryConfig::event_definitions>},
    TelemetryOption{"drop_unmatched_events", "false",
                    "true: an event whose type no definition names is not kept (Ceilometer's "
                    "drop_unmatched_notifications).",
                    set_flag<&TelemetryConfig::drop_unmatched_events>},
    TelemetryOption{"pipeline", "", "A pipeline.yaml; default: the shipped one.",
                    set_text<&TelemetryConfig::pipeline>},
    TelemetryOption{"event_pipeline", "", "An event_pipeline.yaml; default: the shipped one.",
                    set_text<&TelemetryConfig::event_pipeline>},
    TelemetryOption{"telemetry_secret_file", "",
                    "A file whose first line is Ceilometer's telemetry_secret: samples that its agents have "
                    "polled must be signed with it. Empty: signatures are not looked at.",
                    set_text<&TelemetryConfig::telemetry_secret_file>},
    TelemetryOption{
        "resources", "",
        "A gnocchi_resources.yaml: which resources and metrics the catalogue gets; default: the shipped one; "
        "none: it gets nothing.",
        set_text<&TelemetryConfig::resources>},
    TelemetryOption{
        "keystone_url", "",
        "Identity API, as http://HOST:5000/v3. With it OpenStack's APIs are asked for meters; empty: they "
        "are not.",
        set_text<&TelemetryConfig::keystone_url>},
    TelemetryOption{"username", "sentinella", "", set_text<&TelemetryConfig::username>},
    TelemetryOption{"password_file", "", "A file whose first line is the password.",
                    set_text<&TelemetryConfig::password_file>},
    TelemetryOption{"project", "service", "", set_text<&TelemetryConfig::project>},
    TelemetryOption{"user_domain", "Default", "", set_text<&TelemetryConfig::user_domain>},
    TelemetryOption{"project_domain", "Default", "", set_text<&TelemetryConfig::project_domain>},
    TelemetryOption{"region", "", "Of the endpoints; empty: any.", set_text<&TelemetryConfig::region>},
    TelemetryOption{"interface", "internal", "Of the endpoints; where there is none, public.",
                    set_text<&TelemetryConfig::interface>},
    TelemetryOption{"polling", "", "A polling.yaml; default: the shipped one, everything each 300 s.",
                    set_text<&TelemetryConfig::polling>},
    TelemetryOption{"pollsters", "", "Dynamic pollsters in YAML; default: the shipped ones.",
                    set_text<&TelemetryConfig::pollsters>},
    TelemetryOption{"extra_pollsters", "",
                    "A file of pollsters besides, or a directory of such (Ceilometer's pollsters.d); of one "
                    "name these hold.",
                    set_text<&TelemetryConfig::extra_pollsters>},
    TelemetryOption{"radosgw_url", "",
                    "Ceph's RADOS gateway, as http://HOST:7480: its admin API is asked for the buckets and "
                    "requests of each project. Empty: it is not.",
                    set_text<&TelemetryConfig::radosgw_url>},
    TelemetryOption{"radosgw_access_key", "", "Of a user there with the caps buckets=read and usage=read.",
                    set_text<&TelemetryConfig::radosgw_access_key>},
    TelemetryOption{"radosgw_secret_file", "", "A file whose first line is the secret of that key.",
                    set_text<&TelemetryConfig::radosgw_secret_file>},
    TelemetryOption{
        "radosgw_implicit_tenants", "false",
        "Whether a project's user there is PROJECT$PROJECT, as rgw_keystone_implicit_tenants says.",
        set_flag<&TelemetryConfig::radosgw_implicit_tenants>},
    TelemetryOption{"hypervisor_interval", "60s",
                    "How often what our agents measure of instances becomes samples (cpu, memory, disk, "
                    "network); 0s: never.",
                    set_hypervisor_interval},
    TelemetryOption{"dead_letter_bytes", "256MiB",
                    "Messages that cannot be taken are kept; the oldest go above this.",
                    set_dead_letter_bytes},
    TelemetryOption{"server", "",
                    "Of `sentinella-server --role telemetry`, which keeps nothing itself: the URL of the "
                    "server that does.",
                    set_text<&TelemetryConfig::server>},
    TelemetryOption{"server_key_file", "",
                    "A file whose first line is an API key there, of the role operator.",
                    set_text<&TelemetryConfig::server_key_file>},
    TelemetryOption{"server_ca", "", "PEM; who vouches for it; default: the system's.",
                    set_text<&TelemetryConfig::server_ca>},
};

}  // namespace

Result<void> set_telemetry(TelemetryConfig& config, const IniOption& option) {
  return set_option<TelemetryConfig>(kTelemetryOptions, config, option);
}

std::string telemetry_sample() {
  return sample_of<TelemetryConfig>(kTelemetrySection, kTelemetryOptions);
}

}  // namespace sentinella::server
