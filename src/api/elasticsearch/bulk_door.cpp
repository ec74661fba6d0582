#include "api/elasticsearch/bulk_door.h"

#include "api/log_batch.h"
#include "api/log_parameters.h"
#include "api/request_body.h"
#include "base/crypto.h"
#include "base/json.h"
#include "codec/bulk_request.h"
#include "codec/shipped_record.h"

namespace sentinella::api::elasticsearch {
namespace {

/// Clients of 8.x talk to nothing that does not say this.
Reply reply_of(std::string body) {
  Reply reply;
  reply.headers.set("Content-Type", "application/json");
  reply.headers.set("X-Elastic-Product", "Elasticsearch");
  reply.body = std::move(body);
  return reply;
}

/// The answer's items, written while the request is read.
class Items {
 public:
  Items(RequestContext& call, LogBatch& batch) : call_(call), batch_(batch), prefix_(random_token(9)) {
    json_.object().field("took", 0).key("items").array();
  }

  void take(const codec::BulkItem& item) {
    if (item.action != "create" && item.action != "index")
      return refuse(item, "action_request_validation_exception",
                    item.action + " is not taken here: only create and index are");
    document_.clear();
    if (const auto read = document_.read_json(item.document); !read)
      return refuse(item, "document_parsing_exception", read.error().message);
    LogRecord record = codec::shipped_record(
        document_, {.time = call_.server.clock.now(), .host = "", .service = "", .line = {}});
    if (record.raw.empty()) return refuse(item, "document_parsing_exception", "the document is empty");
    batch_.add_line(std::move(record));
    begin(item).field("_version", 1).field("result", "created").key("_shards").object();
    json_.field("total", 1).field("successful", 1).field("failed", 0).end();
    json_.field("_seq_no", 0).field("_primary_term", 1).field("status", 201).end().end();
  }
  std::string finish() { return json_.end().field("errors", errors_).end().take(); }

 private:
  JsonWriter& begin(const codec::BulkItem& item) {
    const std::string& in_path = call_.path_value("index");
    json_.object().key(item.action).object();
    json_.field("_index", item.index.empty() ? in_path : item.index);
    return json_.field("_id", item.id.empty() ? fmt::format("{}-{}", prefix_, ++number_) : item.id);
  }
  void refuse(const codec::BulkItem& item, std::string_view type, const std::string& why) {
    errors_ = true;
    batch_.refuse(1, why);
    begin(item).field("status", 400).key("error").object().field("type", type).field("reason", why);
    json_.end().end().end();
  }

  RequestContext& call_;
  LogBatch& batch_;
  const std::string prefix_;  ///< of the ids that we give
  codec::ShippedDocument document_;
  JsonWriter json_;
  std::uint64_t number_ = 0;
  bool errors_ = false;
};

struct Decoded {
  LogBatch batch;
  std::string answer;
};

Result<Decoded> decode(RequestContext& call) {
  SENT_TRY_ASSIGN(auto options, log_batch_options(call, LogDoor::elasticsearch));
  SENT_TRY_ASSIGN(const std::string body, take_body(call.request));
  LogBatch batch(call.server, std::move(options));
  Items items(call, batch);
  SENT_TRY(codec::read_bulk(body, [&](const codec::BulkItem& item) { items.take(item); }));
  std::string answer = items.finish();
  return Decoded{std::move(batch), std::move(answer)};
}

}  // namespace

void bulk(RequestContext& call, Answer answer) {
  auto decoded = decode(call);
  if (!decoded) return answer(std::unexpected(std::move(decoded).error()));
  std::move(decoded->batch)
      .submit([answer = std::move(answer), text = std::move(decoded->answer)](Result<void> kept) mutable {
        if (!kept) return answer(std::unexpected(std::move(kept).error()));
        answer(reply_of(std::move(text)));
      });
}

/// The version is that of the protocol which is spoken; ours is in the name.
Result<Reply> about(RequestContext& call) {
  JsonWriter json;
  json.object().field("name", "sentinella-server-" + call.server.info.version);
  json.field("cluster_name", "sentinella").field("cluster_uuid", "sentinella").key("version").object();
  json.field("number", "8.19.0").field("build_flavor", "default").field("build_type", "deb");
  json.field("build_hash", "unknown").field("build_date", "2025-07-23T22:10:12.000Z");
  json.field("build_snapshot", false).field("lucene_version", "9.12.2");
  json.field("minimum_wire_compatibility_version", "7.17.0");
  json.field("minimum_index_compatibility_version", "7.0.0").end();
  json.field("tagline", "You Know, for Search").end();
  return reply_of(json.take());
}

Result<Reply> license(RequestContext&) {
  return reply_of(
      R"({"license":{"status":"active","uid":"sentinella","type":"basic","mode":"basic","issued_to":"sentinella"}})");
}

Result<Reply> features(RequestContext&) {
  return reply_of(
      R"({"build":{},"license":{"uid":"sentinella","type":"basic","mode":"basic","status":"active"},"features":{}})");
}

Result<Reply> health(RequestContext&) {
  return reply_of(
      R"({"cluster_name":"sentinella","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1})");
}

Result<Reply> acknowledged(RequestContext&) {
  return reply_of(R"({"acknowledged":true})");
}

}  // namespace sentinella::api::elasticsearch
