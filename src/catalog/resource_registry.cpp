#include "catalog/resource_registry.h"

#include <algorithm>
#include <cstring>

#include "catalog/name_pattern.h"
#include "catalog/resource_tables.h"

namespace sentinella::catalog {
namespace {

void sort_rules(std::vector<PolicyRule>& rules) {
  std::ranges::sort(rules, [](const PolicyRule& a, const PolicyRule& b) {
    return a.pattern != b.pattern ? a.pattern > b.pattern : a.name < b.name;
  });
}

MeteringRules rules_without_any() {
  MeteringRules rules;
  rules.types[std::string(kGenericType)].name = kGenericType;
  return rules;
}

const RulesPtr& no_rules() {
  static const RulesPtr none = std::make_shared<const MeteringRules>(rules_without_any());
  return none;
}

}  // namespace

std::optional<SeriesId> LiveMetric::series(std::uint64_t epoch) const {
  Lock lock(mutex_);
  if (series_ == SeriesId{} || epoch_ != epoch) return std::nullopt;
  return series_;
}

void LiveMetric::remember_series(SeriesId id, std::uint64_t epoch) {
  Lock lock(mutex_);
  series_ = id;
  epoch_ = epoch;
}

LiveMetric::LiveMetric(Metric of, const LiveMetric& before) : metric(std::move(of)) {
  Lock lock(before.mutex_);
  newest_ = before.newest_;
  newest_known_ = before.newest_known_;
}

std::optional<Time> LiveMetric::newest() const {
  Lock lock(mutex_);
  if (!newest_known_) return std::nullopt;
  return newest_;
}

void LiveMetric::saw_sample(Time at) {
  Lock lock(mutex_);
  newest_ = std::max(newest_, at);
}

void LiveMetric::learn_newest(Time at) {
  Lock lock(mutex_);
  newest_ = std::max(newest_, at);
  newest_known_ = true;
}

const ArchivePolicy* MeteringRules::policy(const std::string& name) const {
  const auto found = policies.find(name);
  return found == policies.end() ? nullptr : &found->second;
}

const ResourceType* MeteringRules::type(const std::string& name) const {
  const auto found = types.find(name);
  return found == types.end() ? nullptr : &found->second;
}

const ArchivePolicy* MeteringRules::policy_for(const std::string& metric_name) const {
  for (const PolicyRule& rule : rules)
    if (matches_pattern(rule.pattern, metric_name)) return policy(rule.policy);
  return nullptr;
}

std::size_t UuidHash::operator()(const Uuid& id) const {
  std::uint64_t halves[2];
  std::memcpy(halves, id.bytes.data(), sizeof halves);
  return halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15ull);
}

Result<std::unique_ptr<ResourceRegistry>> ResourceRegistry::load(Database& database) {
  auto registry = std::make_unique<ResourceRegistry>(database);
  Lock lock(registry->mutex_);
  auto& accounts = registry->accounts_;
  const auto account = [&](AccountId id) -> Account& { return accounts[static_cast<std::uint32_t>(id)]; };
  SENT_TRY(database.read([&](Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(auto policies, list_archive_policies(tx));
    SENT_TRY_ASSIGN(auto rules, list_policy_rules(tx));
    SENT_TRY_ASSIGN(auto types, list_resource_types(tx));
    SENT_TRY_ASSIGN(auto resources, list_resources(tx));
    SENT_TRY_ASSIGN(auto metrics, list_metrics(tx));

    std::map<AccountId, MeteringRules> all_rules;
    const auto rules_of = [&](AccountId id) -> MeteringRules& {
      return all_rules.try_emplace(id, rules_without_any()).first->second;
    };
    for (auto& [owner, policy] : policies) rules_of(owner).policies[policy.name] = std::move(policy);
    for (auto& [owner, rule] : rules) rules_of(owner).rules.push_back(std::move(rule));
    for (auto& [owner, type] : types) rules_of(owner).types[type.name] = std::move(type);
    for (auto& [owner, found] : all_rules) {
      sort_rules(found.rules);
      account(owner).rules = std::make_shared<const MeteringRules>(std::move(found));
    }

    std::map<std::pair<AccountId, Uuid>, std::shared_ptr<LiveResource>> live;
    for (auto& [owner, resource] : resources) {
      auto& one = live[{owner, resource.id}] = std::make_shared<LiveResource>();
      one->now = std::make_shared<const Resource>(std::move(resource));
    }
    for (auto& [owner, metric] : metrics) {
      const auto one = std::make_shared<LiveMetric>(std::move(metric), false);
      account(owner).metrics[one->metric.id] = one;
      if (!one->metric.resource || !one->metric.name) continue;
      const auto place = live.find({owner, *one->metric.resource});
      if (place != live.end()) place->second->metrics[*one->metric.name] = one;
    }
    for (auto& [key, one] : live) account(key.first).resources[key.second] = std::move(one);
    return {};
  }));
  return registry;
}

const ResourceRegistry::Account* ResourceRegistry::find(AccountId account) const {
  const auto found = accounts_.find(static_cast<std::uint32_t>(account));
  return found == accounts_.end() ? nullptr : &found->second;
}

ResourceRegistry::Account& ResourceRegistry::of(AccountId account) {
  const auto [place, is_new] = accounts_.try_emplace(static_cast<std::uint32_t>(account));
  if (is_new) place->second.by_attribute = AttributeIndex(indexed_);
  return place->second;
}

std::vector<Uuid> ResourceRegistry::ids_with(AccountId account, const std::string& attribute,
                                             const std::string& text) const {
  Lock lock(mutex_);
  const Account* found = find(account);
  if (found == nullptr) return {};
  const auto ids = found->by_attribute.find(attribute, text);
  return {ids.begin(), ids.end()};
}

RulesPtr ResourceRegistry::rules(AccountId account) const {
  Lock lock(mutex_);
  const Account* found = find(account);
  return found && found->rules ? found->rules : no_rules();
}

ResourcePtr ResourceRegistry::resource(AccountId account, const Uuid& id) const {
  Lock lock(mutex_);
  const Account* of = find(account);
  if (of == nullptr) return nullptr;
  const auto found = of->resources.find(id);
  return found == of->resources.end() ? nullptr : found->second;
}

MetricPtr ResourceRegistry::metric(AccountId account, const Uuid& id) const {
  return metrics(account, {id}).front();
}

std::vector<MetricPtr> ResourceRegistry::metrics(AccountId account, const std::vector<Uuid>& ids) const {
  std::vector<MetricPtr> answer(ids.size());
  Lock lock(mutex_);
  const Account* of = find(account);
  if (of == nullptr) return answer;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (const auto found = of->metrics.find(ids[i]); found != of->metrics.end()) answer[i] = found->second;
  return answer;
}

std::vector<ResourcePtr> ResourceRegistry::resources(AccountId account) const {
  std::vector<ResourcePtr> all;
  Lock lock(mutex_);
  const Account* of = find(account);
  if (of == nullptr) return all;
  all.reserve(of->resources.size());
  for (const auto& [id, one] : of->resources) all.push_back(one);
  return all;
}

std::vector<MetricPtr> ResourceRegistry::metrics(AccountId account) const {
  std::vector<MetricPtr> all;
  Lock lock(mutex_);
  const Account* of = find(account);
  if (of == nullptr) return all;
  all.reserve(of->metrics.size());
  for (const auto& [id, one] : of->metrics) all.push_back(one);
  return all;
}

Result<void> ResourceRegistry::visit_past(AccountId account, const WhosePast& whose,
                                          const std::function<void(Resource)>& visit) const {
  return database_.read([&](Transaction& tx) { return catalog::visit_past(tx, account, whose, visit); });
}

void ResourceRegistry::index_attributes(std::set<std::string> names) {
  Lock lock(mutex_);
  indexed_ = std::move(names);
  for (auto& [owner, account] : accounts_) {
    account.by_attribute = AttributeIndex(indexed_);
    for (const auto& [id, one] : account.resources) account.by_attribute.add(*one->now);
  }
}

Result<void> ResourceRegistry::edit(AccountId account,
                                    const std::function<Result<void>(ResourceEdit&)>& work) {
  Lock lock(editing_);
  std::optional<ResourceEdit> edit;
  SENT_TRY(database_.write(
      [&](Transaction& tx) -> Result<void> { return work(edit.emplace(*this, account, tx)); }));
  std::move(*edit).publish();
  return {};
}

ResourceEdit::ResourceEdit(ResourceRegistry& registry, AccountId account, Transaction& tx)
    : registry_(registry), account_(account), tx_(tx), rules_(registry.rules(account)) {}

void ResourceEdit::publish() && {
  Lock lock(registry_.mutex_);
  auto& account = registry_.of(account_);
  account.rules = rules_;
  for (auto& [id, one] : resources_) {
    if (const auto before = account.resources.find(id); before != account.resources.end())
      account.by_attribute.remove(*before->second->now);
    if (one) {
      account.by_attribute.add(*one->now);
      account.resources[id] = std::move(one);
    } else {
      account.resources.erase(id);
    }
  }
  for (auto& [id, one] : metrics_) {
    if (one)
      account.metrics[id] = std::move(one);
    else
      account.metrics.erase(id);
  }
}

ResourcePtr ResourceEdit::resource(const Uuid& id) const {
  const auto found = resources_.find(id);
  return found == resources_.end() ? registry_.resource(account_, id) : ResourcePtr(found->second);
}

MetricPtr ResourceEdit::metric(const Uuid& id) const {
  const auto found = metrics_.find(id);
  return found == metrics_.end() ? registry_.metric(account_, id) : found->second;
}

std::vector<ResourcePtr> ResourceEdit::resources_with(const std::string& attribute,
                                                      const std::string& text) const {
  std::vector<Uuid> ids = registry_.ids_with(account_, attribute, text);
  for (const auto& [id, one] : resources_) ids.push_back(id);
  std::ranges::sort(ids);
  const auto again = std::ranges::unique(ids);
  ids.erase(again.begin(), again.end());
  std::vector<ResourcePtr> found;
  for (const Uuid& id : ids) {
    auto one = resource(id);
    if (!one) continue;
    const auto value = one->now->attributes.find(attribute);
    if (value != one->now->attributes.end() && value->second == AttributeValue(text))
      found.push_back(std::move(one));
  }
  return found;
}

MeteringRules& ResourceEdit::changed_rules() {
  if (!new_rules_) rules_ = new_rules_ = std::make_shared<MeteringRules>(*rules_);
  return *new_rules_;
}

/// The copy of this edit; `id` must be there.
LiveResource& ResourceEdit::changed(const Uuid& id) {
  auto& mine = resources_[id];
  if (!mine) mine = std::make_shared<LiveResource>(*registry_.resource(account_, id));
  return *mine;
}

Result<void> ResourceEdit::put_policy(const ArchivePolicy& policy) {
  SENT_TRY(catalog::put_archive_policy(tx_, account_, policy));
  changed_rules().policies[policy.name] = policy;
  return {};
}

Result<void> ResourceEdit::remove_policy(const std::string& name) {
  if (rules_->policy(name) == nullptr) return fail(Errc::kNotFound, "there is no policy {}", name);
  const bool ruled =
      std::ranges::any_of(rules_->rules, [&](const auto& rule) { return rule.policy == name; });
  const auto metrics = registry_.metrics(account_);
  const bool used = std::ranges::any_of(metrics, [&](const auto& one) { return one->metric.policy == name; });
  if (ruled || used) return fail(Errc::kConflict, "policy {} is still in use", name);
  SENT_TRY(delete_archive_policy(tx_, account_, name));
  changed_rules().policies.erase(name);
  return {};
}

Result<void> ResourceEdit::put_rule(const PolicyRule& rule) {
  SENT_TRY(put_policy_rule(tx_, account_, rule));
  auto& rules = changed_rules().rules;
  std::erase_if(rules, [&](const auto& one) { return one.name == rule.name; });
  rules.push_back(rule);
  sort_rules(rules);
  return {};
}

Result<void> ResourceEdit::remove_rule(const std::string& name) {
  SENT_TRY(delete_policy_rule(tx_, account_, name));
  if (std::erase_if(changed_rules().rules, [&](const auto& one) { return one.name == name; }) == 0)
    return fail(Errc::kNotFound, "there is no rule {}", name);
  return {};
}

Result<void> ResourceEdit::put_type(const ResourceType& type) {
  SENT_TRY(put_resource_type(tx_, account_, type));
  changed_rules().types[type.name] = type;
  return {};
}

std::vector<Uuid> ResourceEdit::resources_of(const std::string& type) const {
  std::set<Uuid> ids;
  for (const auto& one : registry_.resources(account_))
    if (one->now->type == type) ids.insert(one->now->id);
  for (const auto& [id, one] : resources_) {
    if (one && one->now->type == type) ids.insert(id);
    if (!one) ids.erase(id);
  }
  return {ids.begin(), ids.end()};
}

Result<void> ResourceEdit::add_attribute(const std::string& type, const std::string& name,
                                         const AttributeSpec& spec, const AttributeValue& fill) {
  ResourceType next = *rules_->type(type);
  next.attributes[name] = spec;
  SENT_TRY(put_type(next));
  SENT_TRY(set_attribute_everywhere(tx_, account_, type, name, fill));
  const auto filled = [&](const std::shared_ptr<const Resource>& from) {
    auto copy = std::make_shared<Resource>(*from);
    copy->attributes[name] = fill;
    return copy;
  };
  for (const Uuid& id : resources_of(type)) {
    LiveResource& one = changed(id);
    one.now = filled(one.now);
  }
  return {};
}

Result<void> ResourceEdit::remove_attribute(const std::string& type, const std::string& name) {
  ResourceType next = *rules_->type(type);
  if (next.attributes.erase(name) == 0) return fail(Errc::kNotFound, "{} has no attribute {}", type, name);
  SENT_TRY(put_type(next));
  SENT_TRY(set_attribute_everywhere(tx_, account_, type, name, {}));
  const auto without = [&](const std::shared_ptr<const Resource>& from) {
    auto copy = std::make_shared<Resource>(*from);
    copy->attributes.erase(name);
    return copy;
  };
  for (const Uuid& id : resources_of(type)) {
    LiveResource& one = changed(id);
    one.now = without(one.now);
  }
  return {};
}

Result<void> ResourceEdit::remove_type(const std::string& name) {
  if (rules_->type(name) == nullptr) return fail(Errc::kNotFound, "there is no resource type {}", name);
  if (!resources_of(name).empty()) return fail(Errc::kConflict, "resource type {} is still in use", name);
  SENT_TRY(delete_resource_type(tx_, account_, name));
  changed_rules().types.erase(name);
  return {};
}

Result<void> ResourceEdit::add_resource(Resource resource) {
  if (this->resource(resource.id))
    return fail(Errc::kConflict, "there is a resource {} already", to_text(resource.id));
  resource.revision_end.reset();  // what has one is past
  SENT_TRY(insert_resource(tx_, account_, resource));
  auto live = std::make_shared<LiveResource>();
  const Uuid id = resource.id;
  live->now = std::make_shared<const Resource>(std::move(resource));
  resources_[id] = std::move(live);
  return {};
}

Result<void> ResourceEdit::revise_resource(Resource next) {
  LiveResource& one = changed(next.id);
  next.revision = one.now->revision + 1;
  next.revision_end.reset();
  SENT_TRY(end_revision(tx_, account_, next.id, one.now->revision, next.revision_start));
  SENT_TRY(insert_resource(tx_, account_, next));
  one.now = std::make_shared<const Resource>(std::move(next));
  return {};
}

Result<void> ResourceEdit::remove_resource(const Uuid& id, std::vector<MetricPtr>& gone) {
  const auto one = resource(id);
  if (!one) return fail(Errc::kNotFound, "there is no resource {}", to_text(id));
  for (const auto& [name, metric] : one->metrics) {
    SENT_TRY(delete_metric(tx_, account_, metric->metric.id));
    metrics_[metric->metric.id] = nullptr;
    gone.push_back(metric);
  }
  SENT_TRY(delete_resource(tx_, account_, id));
  resources_[id] = nullptr;
  return {};
}

void ResourceEdit::forget_in_resource(const Metric& metric) {
  if (!metric.resource || !metric.name || !resource(*metric.resource)) return;
  changed(*metric.resource).metrics.erase(*metric.name);
}

Result<void> ResourceEdit::put_metric(const Metric& metric) {
  const MetricPtr before = this->metric(metric.id);
  const auto live =
      before ? std::make_shared<LiveMetric>(metric, *before) : std::make_shared<LiveMetric>(metric, true);
  if (before) forget_in_resource(before->metric);
  if (metric.resource && metric.name) {
    if (!resource(*metric.resource))
      return fail(Errc::kNotFound, "there is no resource {}", to_text(*metric.resource));
    if (!changed(*metric.resource).metrics.try_emplace(*metric.name, live).second)
      return fail(Errc::kConflict, "the resource has a metric {} already", *metric.name);
  }
  SENT_TRY(catalog::put_metric(tx_, account_, metric));
  metrics_[metric.id] = live;
  return {};
}

Result<void> ResourceEdit::remove_metric(const Uuid& id) {
  const MetricPtr one = metric(id);
  if (!one) return fail(Errc::kNotFound, "there is no metric {}", to_text(id));
  forget_in_resource(one->metric);
  SENT_TRY(delete_metric(tx_, account_, id));
  metrics_[id] = nullptr;
  return {};
}

}  // namespace sentinella::catalog
