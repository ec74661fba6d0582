// What the server says about itself to those who log in, and the description of this API.
#include "api/native/handlers.h"
#include "api/native/openapi.h"
#include "api/parameters.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

void write_intake(JsonWriter& json, const ingest::IntakeStatistics& intake) {
  json.object()
      .field("batches", intake.batches)
      .field("duplicates", intake.duplicates)
      .field("samples", intake.samples)
      .field("log_records", intake.log_records)
      .field("events", intake.events)
      .field("reports", intake.reports)
      .field("refused", intake.refused)
      .field("last_offset", intake.last_offset)
      .field("applied_offset", intake.applied_offset)
      .end();
}

void write_stores(JsonWriter& json, const Context& server) {
  const auto series = server.series.statistics();
  const auto logs = server.logs.statistics();
  json.object().key("series").object();
  json.field("series", series.series)
      .field("samples_in_head", series.samples_in_head)
      .field("bytes_on_disk", series.bytes_on_disk)
      .end();
  json.key("logs")
      .object()
      .field("records", logs.records)
      .field("bytes_on_disk", logs.bytes_on_disk)
      .key("oldest");
  if (logs.oldest)
    json.value(*logs.oldest);
  else
    json.null();
  json.end().end();
}

}  // namespace

Result<Reply> status(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const auto& server = call.server;
  const auto intake = server.intake.statistics();
  JsonWriter json;
  json.object()
      .field("version", server.info.version)
      .field("epoch", server.info.epoch)
      .field("started", server.info.started)
      .key("intake");
  write_intake(json, intake);
  json.key("stores");
  write_stores(json, server);
  json.field("journal_bytes", intake.journal_bytes).end();
  return json_reply(json.take());
}

Result<Reply> openapi(RequestContext&) {
  return json_reply(std::string(openapi_document()));
}

}  // namespace sentinella::api::native
