// All policies, resource types, resources and metrics as they are, in memory over their tables: reading asks
// no database, and a change is durable when edit() returns. What resources were before is in the tables
// alone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "catalog/attribute_index.h"
#include "catalog/database.h"
#include "catalog/resource.h"
#include "model/account.h"
#include "model/sample_block.h"

namespace sentinella::catalog {

/// A metric as it is now, and what doors remember of its series between requests.
class LiveMetric {
 public:
  /// `fresh`: it has no samples yet.
  LiveMetric(Metric of, bool fresh) : metric(std::move(of)), newest_known_(fresh) {}
  /// The same one after a change.
  LiveMetric(Metric of, const LiveMetric& before);
  const Metric metric;

  /// The id of its series in this epoch of the store (series/series_store.h); nothing when it must be asked.
  std::optional<SeriesId> series(std::uint64_t epoch) const;
  void remember_series(SeriesId id, std::uint64_t epoch);
  /// Before the time of any sample.
  static constexpr Time kNone{-1};
  /// The time of its newest sample, or kNone; nothing when the store must be asked.
  std::optional<Time> newest() const;
  void saw_sample(Time at);
  /// The store was asked. What was seen meanwhile counts too.
  void learn_newest(Time at);

 private:
  mutable Mutex mutex_;
  SeriesId series_ SENT_GUARDED_BY(mutex_){};
  std::uint64_t epoch_ SENT_GUARDED_BY(mutex_) = 0;
  Time newest_ SENT_GUARDED_BY(mutex_) = kNone;  ///< of those seen
  bool newest_known_ SENT_GUARDED_BY(mutex_);
};
using MetricPtr = std::shared_ptr<LiveMetric>;

/// A resource and its metrics. Never changes: a change makes a new one.
struct LiveResource {
  std::shared_ptr<const Resource> now;
  std::map<std::string, MetricPtr> metrics;  ///< by name
};
using ResourcePtr = std::shared_ptr<const LiveResource>;

/// What an account has few of. Never changes: a change makes a new one.
struct MeteringRules {
  std::map<std::string, ArchivePolicy> policies;
  std::vector<PolicyRule> rules;              ///< by pattern, from the last in text order to the first
  std::map<std::string, ResourceType> types;  ///< with the generic one

  const ArchivePolicy* policy(const std::string& name) const;
  const ResourceType* type(const std::string& name) const;
  /// The policy that the first matching rule gives; null when none does.
  const ArchivePolicy* policy_for(const std::string& metric_name) const;
};
using RulesPtr = std::shared_ptr<const MeteringRules>;

struct UuidHash {
  std::size_t operator()(const Uuid& id) const;
};

class ResourceEdit;

/// Thread-safe. Edits run one after the other; readers see an edit whole or not at all.
class ResourceRegistry {
 public:
  /// Reads everything. `database` must outlive it.
  static Result<std::unique_ptr<ResourceRegistry>> load(Database& database);
  explicit ResourceRegistry(Database& database) : database_(database) {}

  RulesPtr rules(AccountId account) const;
  /// null when there is none.
  ResourcePtr resource(AccountId account, const Uuid& id) const;
  MetricPtr metric(AccountId account, const Uuid& id) const;
  /// In the order of `ids`, null where there is none.
  std::vector<MetricPtr> metrics(AccountId account, const std::vector<Uuid>& ids) const;
  /// In no particular order.
  std::vector<ResourcePtr> resources(AccountId account) const;
  std::vector<MetricPtr> metrics(AccountId account) const;

  /// What resources were before, each from the oldest; of what was removed nothing is left.
  Result<void> visit_past(AccountId account, const WhosePast& whose,
                          const std::function<void(Resource)>& visit) const;

  /// From now on edits find resources by the texts of these attributes; those of an earlier call are
  /// forgotten.
  void index_attributes(std::set<std::string> names);

  /// Everything that `work` does happens, durably, or, when it fails, nothing does.
  Result<void> edit(AccountId account, const std::function<Result<void>(ResourceEdit&)>& work);

 private:
  friend class ResourceEdit;
  struct Account {
    RulesPtr rules;
    std::unordered_map<Uuid, ResourcePtr, UuidHash> resources;
    std::unordered_map<Uuid, MetricPtr, UuidHash> metrics;
    AttributeIndex by_attribute;
  };
  const Account* find(AccountId account) const SENT_REQUIRES(mutex_);
  Account& of(AccountId account) SENT_REQUIRES(mutex_);
  std::vector<Uuid> ids_with(AccountId account, const std::string& attribute, const std::string& text) const;

  Database& database_;
  Mutex editing_;
  mutable Mutex mutex_;
  std::unordered_map<std::uint32_t, Account> accounts_ SENT_GUARDED_BY(mutex_);
  std::set<std::string> indexed_ SENT_GUARDED_BY(mutex_);
};

/// One edit: what it reads includes what it has done so far.
class ResourceEdit {
 public:
  ResourceEdit(ResourceRegistry& registry, AccountId account, Transaction& tx);

  const MeteringRules& rules() const { return *rules_; }
  ResourcePtr resource(const Uuid& id) const;
  MetricPtr metric(const Uuid& id) const;
  /// Those whose attribute, one that is indexed, is this text now; in no particular order.
  std::vector<ResourcePtr> resources_with(const std::string& attribute, const std::string& text) const;

  Result<void> put_policy(const ArchivePolicy& policy);
  /// kConflict: metrics or rules use it. kNotFound.
  Result<void> remove_policy(const std::string& name);
  Result<void> put_rule(const PolicyRule& rule);
  Result<void> remove_rule(const std::string& name);  ///< kNotFound
  Result<void> put_type(const ResourceType& type);
  /// Adds an attribute to the type and, in all their revisions, its value to all its resources.
  Result<void> add_attribute(const std::string& type, const std::string& name, const AttributeSpec& spec,
                             const AttributeValue& fill);
  Result<void> remove_attribute(const std::string& type, const std::string& name);
  /// kConflict: there are resources of it. kNotFound.
  Result<void> remove_type(const std::string& name);

  Result<void> add_resource(Resource resource);  ///< kConflict: the id is taken
  /// `next` takes the place of the current revision, which ends where `next` begins; its number is set here.
  Result<void> revise_resource(Resource next);
  /// Its metrics go too; they are appended to `gone`.
  Result<void> remove_resource(const Uuid& id, std::vector<MetricPtr>& gone);
  /// Adds it, or takes the place of the one with its id. kConflict: its resource has another of that name.
  Result<void> put_metric(const Metric& metric);
  Result<void> remove_metric(const Uuid& id);

 private:
  friend class ResourceRegistry;
  MeteringRules& changed_rules();
  LiveResource& changed(const Uuid& id);
  void forget_in_resource(const Metric& metric);
  std::vector<Uuid> resources_of(const std::string& type) const;
  void publish() &&;

  ResourceRegistry& registry_;
  const AccountId account_;
  Transaction& tx_;
  RulesPtr rules_;
  std::shared_ptr<MeteringRules> new_rules_;  ///< the same as rules_ once something changed
  std::unordered_map<Uuid, std::shared_ptr<LiveResource>, UuidHash> resources_;  ///< null = removed
  std::unordered_map<Uuid, MetricPtr, UuidHash> metrics_;                        ///< null = removed
};

}  // namespace sentinella::catalog
