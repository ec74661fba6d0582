// What an OpenStack service cannot work without. From the projects' own descriptions of their architecture
// (docs.openstack.org: nova "System architecture", neutron "Networking architecture", cinder, glance,
// keystone, placement, heat install guides, 2024.1). Which of it runs where is found out from the inventory.
#pragma once

#include <string_view>
#include <vector>

namespace sentinella::api::native {

struct Need {
  std::string_view service;  ///< a prefix of service names: "rabbitmq" stands for rabbitmq-server too
  std::string_view why;      ///< "passes messages through it"
  bool same_host = false;    ///< only the one on its own host
};

/// Nearest first; empty for what stands on its own, and for what we do not know.
std::vector<Need> needs_of(std::string_view service);
/// Whether `service` is what a need names.
bool is_named(std::string_view service, std::string_view need);

}  // namespace sentinella::api::native
