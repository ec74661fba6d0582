// Clouds, and which nodes belong to them.
#include "catalog/inventory.h"

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"

namespace sentinella::api::native {
namespace {

void write_cloud(JsonWriter& json, const Cloud& cloud) {
  json.object().field("id", cloud.id).field("name", cloud.name).field("location", cloud.location).end();
}

}  // namespace

Result<Reply> list_clouds(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto clouds, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_clouds(tx, call.caller.account);
                  }));
  return list_reply(clouds, page, write_cloud);
}

Result<Reply> create_cloud(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"name", "location"}));
  Cloud cloud;
  cloud.id = to_text(random_uuid());
  cloud.account = call.caller.account;
  SENT_TRY_ASSIGN(cloud.name, required_text(body, "name", 100));
  SENT_TRY_ASSIGN(cloud.location, optional_text(body, "location", 200));
  SENT_TRY(
      call.server.database.write([&](catalog::Transaction& tx) { return catalog::insert_cloud(tx, cloud); }));
  JsonWriter json;
  write_cloud(json, cloud);
  return json_reply(json.take(), 201);
}

Result<Reply> delete_cloud(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::delete_cloud(tx, call.caller.account, call.path_value("id"));
  }));
  return no_content();
}

Result<Reply> classify_node(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"cloud_id"}));
  SENT_TRY_ASSIGN(const auto cloud_id, optional_text(body, "cloud_id", 64));
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) {
    return catalog::classify_node(tx, call.caller.account, call.path_value("host"), cloud_id);
  }));
  call.request.query.clear();
  return get_node(call);
}

Result<Reply> delete_node(RequestContext& call) {
  const auto& host = call.path_value("host");
  // Its alerts first: were they last, a crash between would leave them open for ever.
  if (call.server.forget_host) SENT_TRY(call.server.forget_host(call.caller.account, host));
  SENT_TRY(call.server.database.write(
      [&](catalog::Transaction& tx) { return catalog::delete_node(tx, call.caller.account, host); }));
  call.server.hosts.forget(call.caller.account, host);
  return no_content();
}

}  // namespace sentinella::api::native
