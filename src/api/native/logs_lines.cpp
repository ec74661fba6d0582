// POST /logs/lines: the text of a log as it is, lines joined to records and parsed.
#include "api/log_batch.h"
#include "api/log_parameters.h"
#include "api/native/handlers.h"
#include "api/otlp/otlp_door.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "api/request_body.h"
#include "codec/log_reader.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxOneBatch = 16u << 20;

struct Lines {
  LogBatch::Options options;
  codec::LogParser::Options parser;
  codec::LogOrigin origin;
  bool history = false;
};

Result<Lines> read_lines(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query,
                  Query::read(call.request, {"host", "service", "source", "format", "zone", "history"}));
  Lines lines;
  SENT_TRY_ASSIGN(lines.options, log_batch_options(call, LogDoor::lines));
  lines.origin = {query.text("host"), query.text("service"), query.text("source")};
  for (const auto* name : {&lines.origin.host, &lines.origin.service, &lines.origin.source})
    if (name->size() > 1024) return fail(Errc::kInvalid, "host, service and source have at most 1024 bytes");
  SENT_TRY_ASSIGN(lines.history, query.flag("history"));
  if (const auto format = query.text("format"); !format.empty()) {
    lines.parser.only = codec::parse_log_format(format);
    if (!lines.parser.only)
      return fail_field(Errc::kInvalid, "format", "is \"{}\"; must be one of {}", format,
                        fmt::join(codec::log_format_names(), ", "));
  }
  if (const auto header = call.request.headers.get("Sentinella-Batch"); !header.empty()) {
    if (call.caller.kind != Caller::Kind::agent)
      return fail_field(Errc::kInvalid, "Sentinella-Batch", "is for enrolled agents; leave it out");
    SENT_TRY_ASSIGN(lines.options.id, otlp::parse_batch_header(header));
    // Beside the agent's own spool, whose batches are counted apart.
    lines.options.id->agent_id = call.caller.id + "/lines";
    lines.options.id->signal = SignalKind::logs;
  }
  return lines;
}

std::uint64_t parse(std::string_view text, Lines& lines, Time now, LogBatch& batch) {
  codec::LogReader reader(std::move(lines.parser));
  codec::LogColumns columns;
  codec::LogParser::Given given;
  given.read = now;
  given.zone_offset = lines.options.zone;
  if (lines.history) given.flags = LogRecord::kHistory;
  given.origin = columns.origin_index(lines.origin);
  const std::size_t taken = reader.read(text, given, columns);
  reader.finish(text.substr(taken), given, columns);
  for (std::size_t row = 0; row < columns.size(); ++row)
    if (LogRecord record = columns.record(row); !record.raw.empty()) batch.add_parsed(std::move(record));
  return reader.counts().unparsed();
}

}  // namespace

void post_lines(RequestContext& call, Answer answer) {
  auto lines = read_lines(call);
  if (!lines) return answer(std::unexpected(std::move(lines).error()));
  const auto text = take_body(call.request);
  if (!text) return answer(std::unexpected(text.error()));
  if (lines->options.id && text->size() > kMaxOneBatch)
    return answer(fail(Errc::kTooLarge, "a named batch has at most {} bytes of text", kMaxOneBatch));
  LogBatch batch(call.server, lines->options);
  const std::uint64_t unparsed = parse(*text, *lines, call.server.clock.now(), batch);
  JsonWriter json;
  json.object()
      .field("records", static_cast<std::uint64_t>(batch.records()))
      .field("unparsed", unparsed)
      .end();
  std::move(batch).submit([answer = std::move(answer), text = json.take()](Result<void> kept) mutable {
    if (!kept) return answer(std::unexpected(std::move(kept).error()));
    answer(json_reply(std::move(text)));
  });
}

}  // namespace sentinella::api::native
