#include "api/gnocchi/expiry.h"

#include <algorithm>

#include "api/gnocchi/samples.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr Duration kRevisionStep = std::chrono::microseconds(1);  // what revisions are told in

enum class Fate : std::uint8_t { none, ends, revives, goes };

Result<Time> last_sign(Context& server, AccountId account, const catalog::LiveResource& resource) {
  Time last = resource.now->started_at;
  for (const auto& [name, metric] : resource.metrics) {
    SENT_TRY_ASSIGN(const Time newest, newest_sample(server, account, *metric));
    last = std::max(last, newest);
  }
  return last;
}

Result<Fate> fate_of(Context& server, AccountId account, const catalog::LiveResource& resource,
                     const ExpiryOptions& options, Time now) {
  const auto ended = resource.now->ended_at;
  const bool watched = options.inactive_after > Duration::zero() && !resource.metrics.empty();
  if (watched) {
    SENT_TRY_ASSIGN(const Time last, last_sign(server, account, resource));
    const bool silent = now - last > options.inactive_after;
    if (!ended) return silent ? Fate::ends : Fate::none;
    if (!silent && last > *ended) return Fate::revives;
  }
  const bool long_ago =
      ended && options.cleanup_after > Duration::zero() && now - *ended > options.cleanup_after;
  return long_ago ? Fate::goes : Fate::none;
}

/// The resource may have changed since it was looked at: what is done is done to what it is now.
Result<void> revise(catalog::ResourceRegistry& registry, AccountId account, const Uuid& id,
                    std::optional<Time> ended_at, Time now) {
  return registry.edit(account, [&](catalog::ResourceEdit& edit) -> Result<void> {
    const auto before = edit.resource(id);
    if (!before) return {};
    catalog::Resource next = *before->now;
    next.ended_at = ended_at;
    next.revision_start = std::max(Time{now.ns / kRevisionStep.count() * kRevisionStep.count()},
                                   next.revision_start + kRevisionStep);
    return edit.revise_resource(std::move(next));
  });
}

Result<void> remove(Context& server, catalog::ResourceRegistry& registry, AccountId account, const Uuid& id) {
  std::vector<catalog::MetricPtr> gone;
  SENT_TRY(registry.edit(account, [&](catalog::ResourceEdit& edit) -> Result<void> {
    gone.clear();
    if (!edit.resource(id)) return {};
    return edit.remove_resource(id, gone);
  }));
  erase_samples(server, account, gone);
  return {};
}

}  // namespace

Result<ExpiryReport> expire_resources(Context& server, catalog::ResourceRegistry& registry, AccountId account,
                                      const ExpiryOptions& options, Time now) {
  ExpiryReport report;
  if (!options.on()) return report;
  for (const auto& resource : registry.resources(account)) {
    const Uuid& id = resource->now->id;
    SENT_TRY_ASSIGN(const Fate fate, fate_of(server, account, *resource, options, now));
    if (fate == Fate::ends) {
      SENT_TRY_ASSIGN(const Time last, last_sign(server, account, *resource));
      SENT_TRY(revise(registry, account, id, last, now));
      ++report.ended;
    } else if (fate == Fate::revives) {
      SENT_TRY(revise(registry, account, id, std::nullopt, now));
      ++report.revived;
    } else if (fate == Fate::goes) {
      SENT_TRY(remove(server, registry, account, id));
      ++report.removed;
    }
  }
  return report;
}

}  // namespace sentinella::api::gnocchi
