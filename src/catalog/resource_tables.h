// The rows of policies, resource types, resources and metrics. For resource_registry.h, which has them in
// memory too; everybody else asks there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/database.h"
#include "catalog/resource.h"
#include "model/account.h"

namespace sentinella::catalog {

template <typename T>
struct Owned {
  AccountId account{};
  T value;
};

Result<std::vector<Owned<ArchivePolicy>>> list_archive_policies(Transaction& tx);
Result<std::vector<Owned<PolicyRule>>> list_policy_rules(Transaction& tx);
Result<std::vector<Owned<ResourceType>>> list_resource_types(Transaction& tx);
/// As they are now.
Result<std::vector<Owned<Resource>>> list_resources(Transaction& tx);
/// What they were before, each from the oldest.
Result<void> visit_past(Transaction& tx, AccountId account, const WhosePast& whose,
                        const std::function<void(Resource)>& visit);
Result<std::vector<Owned<Metric>>> list_metrics(Transaction& tx);

/// Inserts or replaces.
Result<void> put_archive_policy(Transaction& tx, AccountId account, const ArchivePolicy& policy);
Result<void> delete_archive_policy(Transaction& tx, AccountId account, const std::string& name);
Result<void> put_policy_rule(Transaction& tx, AccountId account, const PolicyRule& rule);
Result<void> delete_policy_rule(Transaction& tx, AccountId account, const std::string& name);
Result<void> put_resource_type(Transaction& tx, AccountId account, const ResourceType& type);
Result<void> delete_resource_type(Transaction& tx, AccountId account, const std::string& name);

Result<void> insert_resource(Transaction& tx, AccountId account, const Resource& resource);
/// The revision has ended.
Result<void> end_revision(Transaction& tx, AccountId account, const Uuid& id, std::int64_t revision,
                          Time end);
/// All revisions; its metrics belong to no resource then.
Result<void> delete_resource(Transaction& tx, AccountId account, const Uuid& id);
/// In every revision of every resource of the type. Nothing removes it.
Result<void> set_attribute_everywhere(Transaction& tx, AccountId account, const std::string& type,
                                      const std::string& attribute, const AttributeValue& value);

/// Inserts or replaces.
Result<void> put_metric(Transaction& tx, AccountId account, const Metric& metric);
Result<void> delete_metric(Transaction& tx, AccountId account, const Uuid& id);

}  // namespace sentinella::catalog
