#include "api/loki/loki_door.h"

#include "api/log_batch.h"
#include "api/log_parameters.h"
#include "api/reply.h"
#include "api/request_body.h"
#include "base/text.h"
#include "codec/loki_push.h"
#include "codec/shipped_record.h"
#include "codec/snappy_block.h"

namespace sentinella::api::loki {
namespace {

Result<void> read(RequestContext& call, LogBatch& batch) {
  const std::string_view header = call.request.headers.get("Content-Type");
  const bool json = iequals(trim(header.substr(0, header.find(';'))), "application/json");
  SENT_TRY_ASSIGN(std::string body, take_body(call.request));
  codec::ShippedDocument labels, all;
  const codec::LokiVisitor visitor{
      .stream = [&](const codec::ShippedDocument& of_stream) { labels = of_stream; },
      .entry =
          [&](const codec::LokiEntry& entry, const codec::ShippedDocument& metadata) {
            const codec::ShippedDocument* names = &labels;
            if (metadata.size() > 0) {
              all = labels;
              for (std::size_t i = 0; i < metadata.size(); ++i)
                all.add(metadata.at(i).name, metadata.at(i).value);
              names = &all;
            }
            batch.add_line(codec::shipped_record(
                *names, {.time = entry.time, .host = "", .service = "", .line = entry.line}));
          },
      .refused = [&](std::size_t count, const std::string& why) { batch.refuse(count, why); }};
  if (json) return codec::read_loki_json(body, visitor);
  SENT_TRY_ASSIGN(const std::string message, codec::snappy_decompress(body, kMaxUnpackedBody));
  return codec::read_loki_protobuf(message, visitor);
}

}  // namespace

void push(RequestContext& call, Answer answer) {
  auto options = log_batch_options(call, LogDoor::loki);
  if (!options) return answer(std::unexpected(std::move(options).error()));
  LogBatch batch(call.server, *std::move(options));
  if (auto done = read(call, batch); !done) return answer(std::unexpected(std::move(done).error()));
  std::optional<Reply> refused;
  if (batch.refused() > 0) {
    refused.emplace();
    refused->status = 400;
    refused->headers.set("Content-Type", "text/plain; charset=utf-8");
    refused->body = fmt::format("{} of {} entries were refused and the others kept; {}\n", batch.refused(),
                                batch.refused() + batch.records(), fmt::join(batch.reasons(), "; "));
  }
  std::move(batch).submit(
      [answer = std::move(answer), refused = std::move(refused)](Result<void> kept) mutable {
        if (!kept) return answer(std::unexpected(std::move(kept).error()));
        answer(refused ? *std::move(refused) : no_content());
      });
}

}  // namespace sentinella::api::loki
