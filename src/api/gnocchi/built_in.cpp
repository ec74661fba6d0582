#include "api/gnocchi/built_in.h"

#include "catalog/accounts.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::ArchivePolicy;
using catalog::RollUp;

constexpr auto kDay = std::chrono::hours(24);

RollUp kept_for(Duration granularity, Duration span) {
  return {granularity, static_cast<std::uint64_t>(span / granularity)};
}

std::vector<ArchivePolicy> built_in(const Options& options) {
  const auto& methods = options.default_methods;
  return {{"low", 0, methods, {kept_for(5min, 30 * kDay)}},
          {"medium", 0, methods, {kept_for(1min, 7 * kDay), kept_for(1h, 365 * kDay)}},
          {"high", 0, methods, {kept_for(1s, 1h), kept_for(1min, 7 * kDay), kept_for(1h, 365 * kDay)}},
          {"bool", 3600, {"last"}, {kept_for(1s, 365 * kDay)}}};
}

}  // namespace

Result<void> put_built_in_policies(catalog::Database& database, catalog::ResourceRegistry& registry,
                                   AccountId account, const Options& options) {
  const auto rules = registry.rules(account);
  const std::string mark = "archive_policies." + std::to_string(static_cast<std::uint32_t>(account));
  bool had = false;
  const auto read = database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto setting, catalog::get_setting(tx, mark));
    had = setting.has_value();
    return {};
  });
  SENT_TRY(read);
  if (had) return {};
  if (rules->policies.empty() && rules->rules.empty()) {
    const auto edited = registry.edit(account, [&](catalog::ResourceEdit& edit) -> Result<void> {
      for (const auto& policy : built_in(options)) SENT_TRY(edit.put_policy(policy));
      return edit.put_rule({"default", "*", "low"});
    });
    SENT_TRY(edited);
  }
  return database.write([&](catalog::Transaction& tx) { return catalog::set_setting(tx, mark, "made"); });
}

}  // namespace sentinella::api::gnocchi
