#include "server/cli/log_parse.h"

#include "base/json.h"
#include "base/text.h"
#include "codec/log_parser.h"
#include "codec/log_uuid.h"
#include "codec/log_zone.h"
#include "codec/record_joiner.h"

namespace sentinella::server {
namespace {

using codec::LogFields;
using Rows = std::vector<std::pair<std::string, std::string>>;

Result<codec::LogParser::Options> parser_options(const LogParseOptions& options) {
  codec::LogParser::Options out;
  if (!options.format.empty()) {
    out.only = codec::parse_log_format(options.format);
    if (!out.only)
      return fail_field(Errc::kInvalid, "format", "\"{}\" is none of {}", options.format,
                        fmt::join(codec::log_format_names(), ", "));
  }
  if (!options.pattern.empty()) {
    SENT_TRY_ASSIGN(out.pattern, codec::LogPattern::compile(options.pattern));
  }
  return out;
}

void add_flag(std::string& flags, std::uint32_t set, LogRecord::Flag flag, std::string_view name) {
  if (set & flag) flags += (flags.empty() ? "" : ", ") + std::string(name);
}

/// Names and values in the order in which people read them; what the record has not is left out.
Rows rows_of(const LogFields& f, std::string_view raw) {
  Rows rows;
  const auto add = [&](std::string name, std::string_view value) {
    if (!value.empty()) rows.emplace_back(std::move(name), value);
  };
  const auto add_number = [&](std::string name, std::int64_t value, std::int64_t none) {
    if (value != none) rows.emplace_back(std::move(name), std::to_string(value));
  };
  add("format", to_string(f.format));
  add("time", to_rfc3339(f.time));
  add("severity", to_string(f.severity));
  add_number("pid", f.pid, 0);
  add("host", f.host);
  add("component", f.component);
  add("request_id", f.request_id);
  add("global_request_id", f.global_request_id);
  add("user_id", f.user_id);
  add("project_id", f.project_id);
  add("domain_id", f.domain_id);
  add("instance", f.instance);
  add("http.client", f.http.client);
  add("http.method", f.http.method);
  add("http.path", f.http.path);
  add_number("http.status", f.http.status, 0);
  add_number("http.bytes", f.http.bytes, -1);
  if (f.http.duration_ns >= 0)
    add("http.seconds", fmt::format("{}", static_cast<double>(f.http.duration_ns) / 1e9));
  for (const auto& [name, value] : f.extra) add(std::string(name), value);
  std::vector<Uuid> ids;
  codec::scan_uuids(raw, ids);
  std::string all;
  for (const Uuid& id : ids) all += (all.empty() ? "" : " ") + to_text(id);
  add("uuids", all);
  std::string flags;
  add_flag(flags, f.flags, LogRecord::kUnparsed, "unparsed");
  add_flag(flags, f.flags, LogRecord::kTimeAssumed, "zone assumed");
  add_flag(flags, f.flags, LogRecord::kJoined, "joined lines");
  add_flag(flags, f.flags, LogRecord::kTruncated, "truncated");
  add("flags", flags);
  add("template", codec::log_template(f.message));
  add("template_id", fmt::format("{:016x}", codec::log_template_id(f.message)));
  add("message", f.message);
  add("traceback", f.traceback);
  return rows;
}

std::string as_text(const Rows& rows) {
  std::string out;
  for (const auto& [name, value] : rows) {
    out += fmt::format("{:<18} ", name);
    // Further lines stand below the first.
    for (const char c : to_valid_utf8(value)) {
      out += c;
      if (c == '\n') out.append(19, ' ');
    }
    out += '\n';
  }
  return out + '\n';
}

std::string as_json(const Rows& rows) {
  JsonWriter json;
  json.object();
  for (const auto& [name, value] : rows) {
    const bool number =
        name == "pid" || name == "http.status" || name == "http.bytes" || name == "http.seconds";
    if (number)
      json.key(name).raw(value);
    else
      json.field(name, value);
  }
  return json.end().take() + '\n';
}

}  // namespace

Result<std::string> parse_log_text(std::string_view text, const LogParseOptions& options, Time now) {
  SENT_TRY_ASSIGN(const Duration zone, codec::parse_log_zone(options.zone));
  SENT_TRY_ASSIGN(auto how, parser_options(options));
  std::string out;
  if (how.pattern && !options.json) out += fmt::format("{:<18} {}\n\n", "pattern", how.pattern->expression());
  codec::LogParser parser(std::move(how));
  codec::LogParser::Given given;
  given.read = now;
  given.zone_offset = zone;
  const codec::RecordJoiner::Sink show = [&](const codec::JoinedRecord& record) {
    const Rows rows = rows_of(parser.scan(record.text, given), record.text);
    out += options.json ? as_json(rows) : as_text(rows);
  };
  codec::RecordJoiner joiner(std::size_t{32} << 20);
  std::uint64_t offset = 0;
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (const std::string_view line : split(text, '\n')) {
    joiner.line(line, offset, offset + line.size() + 1, now, show);
    offset += line.size() + 1;
  }
  joiner.flush(Time{INT64_MAX}, show);
  if (!options.json)
    out += fmt::format("{} records, {} unparsed\n", parser.counts().all(), parser.counts().unparsed());
  return out;
}

}  // namespace sentinella::server
