// The section [telemetry] of server.conf.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/ini.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::server {

struct TelemetryConfig {
  std::string brokers;  ///< transport URLs, separated by blanks; "" = no bus is listened at. Secret
  std::string account = "default";
  std::string exchanges =
      "nova, glance, neutron, cinder, heat, keystone, trove, zaqar, swift, ceilometer, magnum, dns, ironic, "
      "aodh, manila, octavia, openstack";
  std::string topics = "notifications, versioned_notifications";
  std::string queue = "sentinella";
  bool quorum_queue = false, durable_exchanges = false;  ///< when they are made
  std::filesystem::path ca, certificate, key;
  bool verify = true;
  std::filesystem::path meters, event_definitions, pipeline, event_pipeline;  ///< "" = what is shipped
  std::filesystem::path telemetry_secret_file;  ///< "" = signatures of polled samples are not looked at
  bool drop_unmatched_events = false;           ///< those whose type no definition names
  std::string resources;                        ///< the path of another, "" = what is shipped, "none"
  std::string keystone_url;                     ///< "" = no API is asked
  std::string username = "sentinella", project = "service", region;
  std::string user_domain = "Default", project_domain = "Default", interface = "internal";
  std::filesystem::path password_file, polling, pollsters, extra_pollsters;
  std::string radosgw_url, radosgw_access_key;  ///< "" = no gateway is asked
  std::filesystem::path radosgw_secret_file;
  bool radosgw_implicit_tenants = false;
  Duration hypervisor_interval = std::chrono::seconds(60);  ///< 0 = they are not read
  std::uint64_t dead_letter_bytes = 256ull << 20;
  std::string server;                                ///< of the role telemetry: where everything goes
  std::filesystem::path server_key_file, server_ca;  ///< "" = the system's CAs
};

inline constexpr std::string_view kTelemetrySection = "telemetry";
/// One key. kInvalid without a field: the value; with one: no such key in this section.
Result<void> set_telemetry(TelemetryConfig& config, const IniOption& option);
/// Every option with its meaning and default, as config_sample().
std::string telemetry_sample();

}  // namespace sentinella::server
