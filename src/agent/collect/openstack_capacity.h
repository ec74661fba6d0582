// How full an OpenStack cloud is: quotas of its projects, what placement has to give, cinder's pools,
// glance's images (API references: compute v2.1 and block storage v3 quota sets, networking v2.0 quota
// details, placement 1.x).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/sample_writer.h"
#include "base/result.h"

namespace sentinella::agent {

struct NamedId {
  std::string id;
  std::string name;
};
/// {"projects": [{"id", "name"}]} and {"resource_providers": [{"uuid", "name"}]}, at most `max` of them;
/// projects that are switched off are left out.
Result<std::vector<NamedId>> read_projects(std::string_view json, std::size_t max);
Result<std::vector<NamedId>> read_providers(std::string_view json, std::size_t max);

/// Nova's and cinder's {"quota_set": {"cores": {"limit", "in_use"}}}, neutron's {"quota": {"port": {"limit",
/// "used"}}}. A limit of -1 is none, and left out.
Result<void> write_quota(std::string_view json, std::string_view api, const NamedId& project,
                         std::string_view instance, SampleWriter& out);
Result<void> write_inventories(std::string_view json, const NamedId& provider, std::string_view instance,
                               SampleWriter& out);
Result<void> write_usages(std::string_view json, const NamedId& provider, std::string_view instance,
                          SampleWriter& out);
Result<void> write_cinder_pools(std::string_view json, std::string_view instance, SampleWriter& out);
/// One page of images, counted by status.
Result<void> write_glance_images(std::string_view json, std::string_view instance, SampleWriter& out);

}  // namespace sentinella::agent
