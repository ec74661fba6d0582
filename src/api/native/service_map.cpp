#include "api/native/service_map.h"

#include <algorithm>
#include <array>
#include <span>

namespace sentinella::api::native {
namespace {

constexpr std::string_view kMessages = "passes messages through it";
constexpr std::string_view kRecords = "keeps its records in it";
constexpr std::string_view kTokens = "checks tokens with it";
constexpr std::string_view kCache = "caches in it";
constexpr std::string_view kPlaces = "asks it for places";
constexpr std::string_view kWrites = "writes to the database through it";
constexpr std::string_view kPorts = "asks it for ports";
constexpr std::string_view kWires = "has its ports wired by it";
constexpr std::string_view kGuests = "runs its guests with it";
constexpr std::string_view kFlows = "sets its flows";
constexpr std::string_view kImages = "gets images from it";

constexpr std::array kComputeNeeds{
    Need{"rabbitmq", kMessages},
    Need{"nova-conductor", kWrites},
    Need{"libvirt", kGuests, true},
    Need{"virtqemud", kGuests, true},
    Need{"neutron-openvswitch-agent", kWires, true},
    Need{"neutron-linuxbridge-agent", kWires, true},
    Need{"ovn-controller", kWires, true},
    Need{"placement", kPlaces},
    Need{"neutron-server", kPorts},
    Need{"glance-api", kImages},
};
constexpr std::array kSchedulerNeeds{Need{"rabbitmq", kMessages}, Need{"placement", kPlaces},
                                     Need{"mariadb", kRecords}, Need{"mysql", kRecords}};
constexpr std::array kAgentNeeds{Need{"rabbitmq", kMessages}, Need{"neutron-server", kMessages},
                                 Need{"openvswitch", kFlows, true}, Need{"ovs-vswitchd", kFlows, true}};
constexpr std::array kServerNeeds{Need{"rabbitmq", kMessages}, Need{"mariadb", kRecords},
                                  Need{"mysql", kRecords},     Need{"postgres", kRecords},
                                  Need{"keystone", kTokens},   Need{"memcached", kCache}};
constexpr std::array kWorkerNeeds{Need{"rabbitmq", kMessages}, Need{"mariadb", kRecords},
                                  Need{"mysql", kRecords}, Need{"postgres", kRecords}};
constexpr std::array kRecordNeeds{Need{"mariadb", kRecords}, Need{"mysql", kRecords},
                                  Need{"postgres", kRecords}, Need{"keystone", kTokens},
                                  Need{"memcached", kCache}};
constexpr std::array kKeystoneNeeds{Need{"mariadb", kRecords}, Need{"mysql", kRecords},
                                    Need{"postgres", kRecords}, Need{"memcached", kCache}};

struct Row {
  std::string_view prefix;
  std::span<const Need> needs;
};
/// The first prefix that fits.
constexpr std::array kRows{
    Row{"nova-compute", kComputeNeeds},  Row{"nova-scheduler", kSchedulerNeeds},
    Row{"nova-conductor", kWorkerNeeds}, Row{"nova-", kServerNeeds},
    Row{"placement", kRecordNeeds},      Row{"neutron-server", kServerNeeds},
    Row{"neutron-api", kServerNeeds},    Row{"neutron-", kAgentNeeds},
    Row{"cinder-api", kServerNeeds},     Row{"cinder-", kWorkerNeeds},
    Row{"glance", kRecordNeeds},         Row{"keystone", kKeystoneNeeds},
    Row{"heat-api", kServerNeeds},       Row{"heat-", kWorkerNeeds},
    Row{"octavia-api", kServerNeeds},    Row{"octavia-", kWorkerNeeds},
    Row{"manila-api", kServerNeeds},     Row{"manila-", kWorkerNeeds},
    Row{"barbican-api", kServerNeeds},   Row{"barbican-", kWorkerNeeds},
    Row{"magnum-api", kServerNeeds},     Row{"magnum-", kWorkerNeeds},
    Row{"designate-api", kServerNeeds},  Row{"designate-", kWorkerNeeds},
    Row{"horizon", kRecordNeeds},
};

}  // namespace

bool is_named(std::string_view service, std::string_view need) {
  return service.starts_with(need);
}

std::vector<Need> needs_of(std::string_view service) {
  const auto row =
      std::ranges::find_if(kRows, [&](const Row& one) { return service.starts_with(one.prefix); });
  if (row == kRows.end()) return {};
  return {row->needs.begin(), row->needs.end()};
}

}  // namespace sentinella::api::native
