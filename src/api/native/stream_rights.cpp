#include "api/native/stream_rights.h"

#include "api/native/catalog_access.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kLongest = std::chrono::hours(1);

bool still_there(const catalog::Database& database, const Caller& caller) {
  if (caller.kind == Caller::Kind::user) {
    const auto user =
        read_catalog(database, [&](catalog::Transaction& tx) { return catalog::find_user(tx, caller.id); });
    return user && user->account == caller.account;
  }
  const auto keys = read_catalog(
      database, [&](catalog::Transaction& tx) { return catalog::list_keys(tx, caller.account); });
  if (!keys) return false;
  for (const auto& key : *keys)
    if (key.id == caller.id) return true;
  return false;
}

}  // namespace

std::function<bool()> stream_rights(const RequestContext& call) {
  const auto& server = call.server;
  return [&server, caller = call.caller, ends = server.clock.now() + kLongest] {
    return server.clock.now() < ends && still_there(server.database, caller);
  };
}

}  // namespace sentinella::api::native
