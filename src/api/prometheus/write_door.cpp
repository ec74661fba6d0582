#include "api/prometheus/write_door.h"

#include "api/reply.h"
#include "api/request_body.h"
#include "api/resolving_intake.h"
#include "base/text.h"
#include "codec/remote_write.h"
#include "codec/snappy_block.h"

namespace sentinella::api::prometheus {
namespace {

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

Result<codec::RemoteWriteReport> decode(RequestContext& call, ResolvedBatch& batch) {
  SENT_TRY(check_headers(call.request));
  SENT_TRY_ASSIGN(const std::string message, codec::snappy_decompress(call.request.body, kMaxUnpackedBody));
  CachePool<codec::RemoteWriteCache>::Lease cache(call.server.caches->remote_write);
  cache->begin(batch.epoch());
  return codec::decode_remote_write(message, batch.account(), *cache, batch.resolver(), batch.are_defined(),
                                    batch.samples());
}

std::optional<Error> refusal(const codec::RemoteWriteReport& report) {
  if (report.refused == 0) return std::nullopt;
  std::string text = fmt::format("{} series were refused and the others kept", report.refused);
  for (const auto& reason : report.reasons) text += "; " + reason;
  if (report.refused > report.reasons.size())
    text += fmt::format("; and {} more", report.refused - report.reasons.size());
  return Error{Errc::kInvalid, std::move(text), {}};
}

}  // namespace

void remote_write(RequestContext& call, Answer answer) {
  ResolvedBatch batch(call.server, call.caller.account);
  const auto report = decode(call, batch);
  if (!report) return answer(std::unexpected(report.error()));
  auto refused = refusal(*report);
  std::move(batch).submit([answer = std::move(answer), refused = std::move(refused)](auto kept) mutable {
    if (!kept) return answer(std::unexpected(std::move(kept).error()));
    if (refused) return answer(std::unexpected(*std::move(refused)));
    answer(no_content());
  });
}

}  // namespace sentinella::api::prometheus
