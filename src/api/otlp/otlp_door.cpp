#include "api/otlp/otlp_door.h"

#include <charconv>

#include "api/request_body.h"
#include "base/ids.h"
#include "base/text.h"
#include "codec/log_parser.h"
#include "codec/log_template.h"
#include "codec/otlp.h"

namespace sentinella::api::otlp {
namespace {

/// True = JSON, false = protobuf.
Result<bool> is_json(const net::Request& request) {
  const std::string_view header = request.headers.get("Content-Type");
  const auto type = to_lower(trim(header.substr(0, header.find(';'))));
  if (type == "application/json") return true;
  if (type == "application/x-protobuf") return false;
  return fail_field(Errc::kUnsupported, "Content-Type",
                    "is \"{}\"; this door takes application/x-protobuf and application/json", type);
}

Result<std::optional<BatchId>> batch_id(const RequestContext& call, SignalKind signal) {
  const std::string_view header = call.request.headers.get("Sentinella-Batch");
  if (header.empty()) return std::nullopt;
  if (call.caller.kind != Caller::Kind::agent)
    return fail_field(Errc::kInvalid, "Sentinella-Batch", "is for enrolled agents; leave it out");
  SENT_TRY_ASSIGN(BatchId id, parse_batch_header(header));
  id.agent_id = call.caller.id;
  id.signal = signal;
  return id;
}

/// What the sender left out, or what only the server can say.
void complete(Batch& batch, Caller::Kind sender) {
  for (auto& record : batch.logs) {
    if (record.time.ns == 0) record.time = batch.received;
    codec::parse_log(record);
    if (record.template_id == 0) record.template_id = codec::log_template_id(record.message);
  }
  for (auto& event : batch.events) {
    if (event.id.empty()) event.id = to_text(random_uuid());
    if (event.time.ns == 0) event.time = batch.received;
    if (event.origin.empty()) event.origin = sender == Caller::Kind::agent ? "agent" : "api";
  }
  for (auto& report : batch.reports)
    if (report.at.ns == 0) report.at = batch.received;
}

Reply otlp_reply(const codec::OtlpCounts& counts, bool json) {
  Reply reply;
  reply.headers.set("Content-Type", json ? "application/json" : "application/x-protobuf");
  reply.body = codec::encode_otlp_response(counts, json);
  return reply;
}

struct Decoded {
  Batch batch;
  codec::OtlpCounts counts;
  bool json = false;
};

Result<Decoded> decode(RequestContext& call, SignalKind signal) {
  Decoded decoded;
  SENT_TRY_ASSIGN(decoded.json, is_json(call.request));
  SENT_TRY_ASSIGN(decoded.batch.id, batch_id(call, signal));
  SENT_TRY_ASSIGN(const std::string body, take_body(call.request));
  decoded.batch.account = call.caller.account;
  decoded.batch.received = call.server.clock.now();
  const auto decoder = signal == SignalKind::metrics
                           ? (decoded.json ? codec::decode_otlp_metrics_json : codec::decode_otlp_metrics)
                           : (decoded.json ? codec::decode_otlp_logs_json : codec::decode_otlp_logs);
  SENT_TRY_ASSIGN(decoded.counts, decoder(body, decoded.batch));
  complete(decoded.batch, call.caller.kind);
  return decoded;
}

/// The sender hears of what the account's limit of series did not let in.
void resolve(ingest::Intake& intake, Decoded& decoded) {
  const auto refused = intake.resolve(decoded.batch);
  if (refused.samples == 0) return;
  auto& counts = decoded.counts;
  counts.rejected += refused.samples;
  const auto reason = fmt::format("{} samples were dropped: {}", refused.samples, refused.first_reason);
  counts.first_rejection += (counts.first_rejection.empty() ? "" : "; ") + reason;
}

void accept(RequestContext& call, SignalKind signal, Answer answer) {
  auto decoded = decode(call, signal);
  if (!decoded) return answer(std::unexpected(std::move(decoded).error()));
  if (decoded->batch.empty()) return answer(otlp_reply(decoded->counts, decoded->json));
  call.server.hosts.touch(decoded->batch);
  resolve(call.server.intake, *decoded);
  if (decoded->batch.empty()) return answer(otlp_reply(decoded->counts, decoded->json));
  call.server.intake.submit(std::move(decoded->batch), ingest::Until::durable,
                            [answer = std::move(answer), counts = std::move(decoded->counts),
                             json = decoded->json](Result<bus::Offset> kept) mutable {
                              if (!kept)
                                answer(std::unexpected(std::move(kept).error()));
                              else
                                answer(otlp_reply(counts, json));
                            });
}

}  // namespace

Result<BatchId> parse_batch_header(std::string_view text) {
  const auto bad = [&] {
    return fail_field(Errc::kInvalid, "Sentinella-Batch", "\"{}\" is not <epoch in hex>-<sequence from 1>",
                      text);
  };
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || dash == 0) return bad();
  BatchId id;
  const auto [end, error] = std::from_chars(text.data(), text.data() + dash, id.epoch, 16);
  if (error != std::errc() || end != text.data() + dash) return bad();
  const auto sequence = parse_uint(text.substr(dash + 1));
  if (!sequence || *sequence == 0) return bad();
  id.sequence = *sequence;
  return id;
}

void accept_metrics(RequestContext& call, Answer answer) {
  accept(call, SignalKind::metrics, std::move(answer));
}
void accept_logs(RequestContext& call, Answer answer) {
  accept(call, SignalKind::logs, std::move(answer));
}

}  // namespace sentinella::api::otlp
