#include "agent/collect/sources.h"

#include <algorithm>
#include <functional>

#include <unistd.h>

#include "agent/collect/ceph.h"
#include "agent/collect/haproxy.h"
#include "agent/collect/libvirt.h"
#include "agent/collect/mariadb.h"
#include "agent/collect/memcached.h"
#include "agent/collect/openstack.h"
#include "agent/collect/openvswitch.h"
#include "agent/collect/postgres.h"
#include "agent/collect/rabbitmq.h"
#include "agent/collect/units.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxSecret = 4096;

/// What needs no configuration where one of these services is watched: others are not asked, and cost
/// nothing.
struct OfService {
  std::string_view kind;
  std::string_view url;
  std::vector<std::string_view> services;
};
const OfService kOfServices[] = {
    {"memcached", "memcached://127.0.0.1:11211", {"memcached"}},
    {"haproxy", "/run/haproxy/admin.sock", {"haproxy"}},
    {"libvirt", "/run/libvirt/qemu", {"libvirtd", "virtqemud", "nova-compute"}},
    {"openvswitch",
     "/run/openvswitch",
     {"ovs-vswitchd", "ovsdb-server", "ovn-controller", "ovn-nb-db", "ovn-sb-db"}},
};

using Make = std::unique_ptr<Source> (*)(const SourceConfig& config);

template <typename T>
std::unique_ptr<Source> make(const SourceConfig& config) {
  return std::make_unique<T>(config);
}

constexpr std::pair<std::string_view, Make> kKinds[] = {
    {"rabbitmq", make<RabbitmqSource>},   {"mariadb", make<MariadbSource>},
    {"memcached", make<MemcachedSource>}, {"haproxy", make<HaproxySource>},
    {"openstack", make<OpenstackSource>}, {"postgresql", make<PostgresSource>},
    {"libvirt", make<LibvirtSource>},     {"openvswitch", make<OpenvswitchSource>},
    {"ceph", make<CephSource>},
};

std::unique_ptr<Source> make_source(const SourceConfig& config) {
  const auto* kind = std::ranges::find(kKinds, config.kind, &std::pair<std::string_view, Make>::first);
  return kind == std::end(kKinds) ? nullptr : kind->second(config);
}

SourceConfig simple(std::string_view kind, std::string_view url) {
  SourceConfig config;
  config.kind = kind;
  config.url = url;
  return config;
}

}  // namespace

Result<std::string> password_of(const SourceConfig& config) {
  if (config.password_file.empty()) return config.password;
  SENT_TRY_ASSIGN(const std::string text, read_file(config.password_file, kMaxSecret));
  return std::string(trim(text.substr(0, text.find('\n'))));
}

std::vector<std::unique_ptr<Source>> make_sources(const Config& config,
                                                  const std::vector<ServiceConfig>& services) {
  std::vector<std::unique_ptr<Source>> sources;
  const auto add = [&](const SourceConfig& source) {
    if (auto made = make_source(source)) sources.push_back(std::move(made));
  };
  const auto configured = [&](std::string_view kind) {
    return std::ranges::find(config.sources, kind, &SourceConfig::kind) != config.sources.end();
  };
  const auto watched = [&](std::string_view name) {
    return std::ranges::find(services, name, &ServiceConfig::name) != services.end();
  };
  for (const SourceConfig& source : config.sources) add(source);
  for (const OfService& known : kOfServices)
    if (!configured(known.kind) && std::ranges::any_of(known.services, watched))
      add(simple(known.kind, known.url));
  if (!services.empty() && ::access("/run/systemd/system", F_OK) == 0)
    sources.push_back(std::make_unique<UnitSource>(services, config.node));
  return sources;
}

Sources::Sources(std::vector<std::unique_ptr<Source>> sources, const Clock& due) : due_(due) {
  for (auto& source : sources) {
    Known known;
    known.source = std::move(source);
    sources_.push_back(std::move(known));
  }
}

void Sources::move(std::string_view kind, const std::string& url) {
  for (Known& known : sources_) {
    if (known.source->kind() != kind) continue;
    auto there = make_source(simple(kind, url));
    if (there->instance() == known.source->instance()) continue;
    known = {};
    known.source = std::move(there);
  }
}

SourceRound Sources::collect(const std::string& host, Time now) {
  SourceRound round;
  const Time begun = due_.now();
  for (Known& known : sources_) {
    if (known.next > begun) continue;
    // A little early, so that jitter of the rounds does not double an interval.
    known.next = begun + known.source->every() - 1s;
    collect_one(known, host, now, round);
  }
  Lock lock(mutex_);
  problems_.clear();
  for (const Known& known : sources_)
    if (!known.problem.empty()) problems_.push_back(known.problem);
  return round;
}

void Sources::collect_one(Known& known, const std::string& host, Time now, SourceRound& round) {
  std::vector<SeriesSamples> samples;
  SampleWriter out(samples, host, now);
  const auto begun = std::chrono::steady_clock::now();
  const auto collected = known.source->collect(out);
  const Duration took = std::chrono::steady_clock::now() - begun;
  known.ever_answered |= collected.has_value();
  if (!collected && !known.ever_answered && known.source->local() &&
      collected.error().code == Errc::kUnavailable)
    return;
  const std::string instance = known.source->instance();
  const std::initializer_list<SampleWriter::LabelView> labels = {{"source", known.source->kind()},
                                                                 {"instance", instance}};
  out.add(metric("source_up"), collected ? 1 : 0, labels);
  out.add(metric("source_seconds"), std::chrono::duration<double>(took).count(), labels);
  const std::string problem =
      collected ? "" : fmt::format("{} {}: {}", known.source->kind(), instance, describe(collected.error()));
  if (!problem.empty() && known.problem.empty()) round.new_problems.push_back(problem);
  known.problem = problem;
  for (SeriesSamples& s : samples) round.batch.series.push_back(std::move(s));
}

std::vector<std::string> Sources::problems() const {
  Lock lock(mutex_);
  return problems_;
}

}  // namespace sentinella::agent
