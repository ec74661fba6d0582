#include "alerts/cause.h"

#include <algorithm>
#include <array>

namespace sentinella::alerts {
namespace {

/// What a service is to the others of its cloud, from the bottom up.
enum class Layer : std::uint8_t { host, database, broker, infrastructure, consumer };

bool begins_with_any(std::string_view text, const auto& prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

constexpr std::array<std::string_view, 5> kDatabases{"mariadb", "mysql", "galera", "postgres", "proxysql"};
constexpr std::array<std::string_view, 2> kBrokers{"rabbitmq", "qpid"};
/// Runs without database and broker.
constexpr std::array<std::string_view, 15> kInfrastructure{
    "memcached", "etcd",       "ceph", "libvirt", "virt", "openvswitch", "ovs",       "ovn",
    "haproxy",   "keepalived", "sshd", "chrony",  "ntp",  "redis",       "sentinella"};
constexpr std::array<std::string_view, 4> kHostEvents{"AgentSilent", "HostUnreachable", "HostDown",
                                                      "NodeDown"};

/// What the logs of all services of a host say of a database or broker that they cannot reach.
constexpr std::array<std::string_view, 5> kConsumerEvents{
    "AmqpUnreachable", "AmqpHeartbeatErrors", "MessagingTimeout", "DatabaseErrors", "DatabasePoolExhausted"};

Layer layer_of(const Alert& alert) {
  const auto is_one_of = [&](const auto& events) {
    return std::ranges::find(events, alert.event) != events.end();
  };
  if (alert.service.empty())
    return is_one_of(kHostEvents)       ? Layer::host
           : is_one_of(kConsumerEvents) ? Layer::consumer
                                        : Layer::infrastructure;
  if (begins_with_any(alert.service, kDatabases)) return Layer::database;
  if (begins_with_any(alert.service, kBrokers)) return Layer::broker;
  if (begins_with_any(alert.service, kInfrastructure)) return Layer::infrastructure;
  return Layer::consumer;
}

}  // namespace

bool may_cause(const Alert& alert) {
  return is_live(alert.status) && severity_code(alert.severity) <= severity_code(AlertSeverity::critical) &&
         layer_of(alert) <= Layer::broker;
}

bool follows_from(const Alert& symptom, const Alert& cause) {
  if (symptom.account != cause.account || symptom.id == cause.id) return false;
  if (symptom.create_time < cause.create_time - kNoticedBefore) return false;
  const Layer below = layer_of(cause);
  const Layer above = layer_of(symptom);
  if (below == Layer::host) return above != Layer::host && symptom.host == cause.host;
  return above == Layer::consumer && symptom.environment == cause.environment;
}

bool is_deeper(const Alert& a, const Alert& b) {
  if (layer_of(a) != layer_of(b)) return layer_of(a) < layer_of(b);
  return a.create_time < b.create_time;
}

}  // namespace sentinella::alerts
