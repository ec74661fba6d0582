#include "api/prometheus/write_door.h"

#include "api/reply.h"
#include "api/request_body.h"
#include "api/resolving_intake.h"
#include "base/text.h"
#include "codec/remote_write.h"
#include "codec/snappy_block.h"

namespace sentinella::api::prometheus {
namespace {

struct Decoded {
  Batch batch;
  codec::RemoteWriteReport report;
};

Result<void> check_headers(const net::Request& request) {
  const auto coding = request.headers.get("Content-Encoding");
  if (!iequals(coding, "snappy"))
    return fail_field(Errc::kUnsupported, "Content-Encoding", "is \"{}\"; remote write is sent as snappy",
                      coding);
  const auto type = request.headers.get("Content-Type");
  if (type.contains("io.prometheus.write.v2"))
    return fail_field(Errc::kUnsupported, "Content-Type", "is remote write 2.0; this door takes 1.0");
  const auto media = trim(type.substr(0, type.find(';')));
  if (!media.empty() && !iequals(media, "application/x-protobuf"))
    return fail_field(Errc::kUnsupported, "Content-Type", "is \"{}\"; this door takes application/x-protobuf",
                      media);
  return {};
}

Result<Decoded> decode(RequestContext& call) {
  SENT_TRY(check_headers(call.request));
  SENT_TRY_ASSIGN(const std::string message, codec::snappy_decompress(call.request.body, kMaxUnpackedBody));
  Decoded decoded;
  Batch& batch = decoded.batch;
  batch.account = call.caller.account;
  batch.received = call.server.clock.now();
  CachePool<codec::RemoteWriteCache>::Lease cache(call.server.caches->remote_write);
  cache->begin(BatchResolver::epoch(call.server));
  BatchResolver resolver(call.server, batch);
  SENT_TRY_ASSIGN(decoded.report, codec::decode_remote_write(message, batch.account, *cache,
                                                             resolver.resolve(), batch.samples));
  resolver.touch_hosts();
  return decoded;
}

std::optional<Error> refusal(const codec::RemoteWriteReport& report) {
  if (report.refused == 0) return std::nullopt;
  std::string text = fmt::format("{} series were refused and the others kept", report.refused);
  for (const auto& reason : report.reasons) text += "; " + reason;
  if (report.refused > report.reasons.size())
    text += fmt::format("; and {} more", report.refused - report.reasons.size());
  return Error{Errc::kInvalid, std::move(text), {}};
}

Result<Reply> outcome(std::optional<Error> refused) {
  if (refused) return std::unexpected(*std::move(refused));
  return no_content();
}

}  // namespace

void remote_write(RequestContext& call, Answer answer) {
  auto decoded = decode(call);
  if (!decoded) return answer(std::unexpected(std::move(decoded).error()));
  auto refused = refusal(decoded->report);
  if (decoded->batch.empty()) return answer(outcome(std::move(refused)));
  call.server.intake.submit(
      std::move(decoded->batch), ingest::Until::durable,
      [answer = std::move(answer), refused = std::move(refused)](Result<bus::Offset> kept) mutable {
        if (!kept)
          answer(std::unexpected(std::move(kept).error()));
        else
          answer(outcome(std::move(refused)));
      });
}

}  // namespace sentinella::api::prometheus
