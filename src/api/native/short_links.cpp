// Long addresses of the UI under short codes, to be told to somebody else of the account.
#include "catalog/short_links.h"

#include <algorithm>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxPath = 32u << 10;

/// Of this site, so that a code never leads elsewhere.
Result<void> check_path(const std::string& path) {
  const bool here = path.starts_with('/') && !path.starts_with("//") && path.find('\\') == path.npos;
  if (!here) return fail_field(Errc::kInvalid, "path", "must begin with one / and name a page of this site");
  const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!std::ranges::all_of(path, printable))
    return fail_field(Errc::kInvalid, "path", "must be percent-encoded");
  return {};
}

Reply link_reply(const std::string& code, const std::string& path, int status) {
  JsonWriter json;
  json.object().field("code", code).field("path", path).end();
  return json_reply(json.take(), status);
}

}  // namespace

Result<Reply> make_short_link(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto request, json_body(call.request, {"path"}));
  SENT_TRY_ASSIGN(const auto path, required_text(request, "path", kMaxPath));
  SENT_TRY(check_path(path));
  std::string code;
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(code, catalog::keep_short_link(tx, call.caller.account, path, call.server.clock.now()));
    return {};
  }));
  return link_reply(code, path, 201);
}

Result<Reply> get_short_link(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const std::string& code = call.path_value("id");
  SENT_TRY_ASSIGN(const auto path, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::find_short_link(tx, call.caller.account, code);
                  }));
  return link_reply(code, path, 200);
}

}  // namespace sentinella::api::native
