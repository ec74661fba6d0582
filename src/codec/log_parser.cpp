#include "codec/log_parser.h"

#include <algorithm>
#include <numeric>

#include "codec/log_formats.h"
#include "codec/log_line.h"
#include "codec/log_scan.h"
#include "codec/log_uuid.h"

namespace sentinella::codec {
namespace {

using Scanner = bool (*)(LogFields&, const RecordText&);

/// By the values of LogFormat; what has none is recognised, or not, by its neighbour.
constexpr std::array<Scanner, kLogFormats> kScanners = {nullptr,
                                                        parse_oslo,
                                                        parse_json,
                                                        parse_daiquiri,
                                                        parse_rabbit,
                                                        parse_mariadb,
                                                        parse_libvirt,
                                                        parse_ovs,
                                                        parse_ceph,
                                                        parse_haproxy,
                                                        parse_haproxy,
                                                        parse_uwsgi_access,
                                                        parse_apache_access,
                                                        parse_apache_error,
                                                        parse_syslog,
                                                        parse_journal_export,
                                                        parse_json,
                                                        parse_json,
                                                        parse_cri,
                                                        parse_bare_traceback,
                                                        nullptr,
                                                        parse_swift_access,
                                                        parse_logger,
                                                        parse_logfmt,
                                                        parse_klog,
                                                        parse_json};

/// Most formats begin with the time's first digit; asking for the likely one first is what makes this fast.
bool parse_dated(LogFields& fields, const RecordText& text) {
  if (parse_oslo(fields, text) || parse_rabbit(fields, text)) return true;
  if (!text.nested && parse_cri(fields, text)) return true;
  if (parse_daiquiri(fields, text) || parse_mariadb(fields, text) || parse_ovs(fields, text) ||
      parse_libvirt(fields, text) || parse_ceph(fields, text) || parse_haproxy(fields, text) ||
      parse_logger(fields, text))
    return true;
  return (!text.nested && parse_syslog(fields, text)) || parse_apache_access(fields, text) ||
         parse_swift_access(fields, text);
}

/// Copies what does not lie within the record's own bytes behind them.
class ArenaWriter {
 public:
  ArenaWriter(std::string& arena, std::string_view raw)
      : arena_(arena), raw_(raw), base_(static_cast<std::uint32_t>(arena.size())) {
    arena_ += raw;
  }
  TextSpan raw() const { return {base_, static_cast<std::uint32_t>(raw_.size())}; }
  TextSpan place(std::string_view text) {
    if (text.empty()) return {};
    const auto length = static_cast<std::uint32_t>(text.size());
    // Views of other memory compare unspecified with <, so as numbers.
    const auto at = reinterpret_cast<std::uintptr_t>(text.data());
    const auto begin = reinterpret_cast<std::uintptr_t>(raw_.data());
    if (at >= begin && at + length <= begin + raw_.size())
      return {base_ + static_cast<std::uint32_t>(at - begin), length};
    const auto offset = static_cast<std::uint32_t>(arena_.size());
    arena_ += text;
    return {offset, length};
  }

 private:
  std::string& arena_;
  std::string_view raw_;
  std::uint32_t base_;
};

/// Adds to a column of which make_room() saw that it has room.
template <typename T>
void put(std::vector<T>& column, const T& value) {
  if (column.size() == column.capacity()) __builtin_unreachable();
  column.push_back(value);
}

}  // namespace

bool parse_known(LogFields& fields, const RecordText& text) {
  if (text.line.empty()) return false;
  const char c = text.line.front();
  if (is_digit(c)) return parse_dated(fields, text);
  if (c == '[') return parse_uwsgi_access(fields, text) || parse_apache_error(fields, text);
  if (parse_haproxy(fields, text)) return true;
  if (text.nested) {
    if (parse_json(fields, text) || parse_ovs(fields, text)) return true;
  } else if (parse_json(fields, text) || parse_journal_export(fields, text) || parse_syslog(fields, text) ||
             parse_bare_traceback(fields, text)) {
    return true;
  }
  return parse_apache_access(fields, text) || parse_klog(fields, text) || parse_logfmt(fields, text) ||
         (text.nested && parse_swift_access(fields, text)) || parse_oslo_body(fields, text) ||
         parse_logger(fields, text);
}

void keep_plain(LogFields& fields, const RecordText& text) {
  if (const auto& time = text.time) {
    set_time(fields, *time, text.zone_offset);
    std::string_view word = text.line.substr(time->length);
    word.remove_prefix(std::min(word.find_first_not_of(" [<"), word.size()));
    word = word.substr(0, word.find_first_of(" ]>:"));
    if (const auto severity = parse_severity(word)) fields.severity = *severity;
  }
  fields.format = LogFormat::plain;
  fields.flags |= LogRecord::kUnparsed;
}

std::uint64_t LogFormatCounts::all() const {
  return std::accumulate(records.begin(), records.end(), std::uint64_t{0});
}

void LogParser::begin(const Given& given) {
  fields_.clear();
  fields_.time = given.read;
  fields_.severity = given.severity;
  fields_.flags = given.flags & ~static_cast<std::uint32_t>(LogRecord::kUnparsed | LogRecord::kTimeAssumed);
}

bool LogParser::recognise(const RecordText& text, const Given& given) {
  if (options_.pattern && options_.pattern->match(fields_, text)) return true;
  if (!options_.only && given.oslo) return fill_oslo(fields_, text, *given.oslo), true;
  if (!options_.only) return parse_known(fields_, text);
  const Scanner scanner = kScanners[static_cast<std::size_t>(*options_.only)];
  if (scanner == nullptr || !scanner(fields_, text)) return false;
  if (fields_.format == *options_.only) return true;
  begin(given);
  return false;
}

const LogFields& LogParser::scan(std::string_view raw, const Given& given) {
  scratch_.clear();
  begin(given);
  const RecordText text = given.time
                              ? RecordText(raw, *given.time, given.one_line, given.zone_offset, scratch_)
                              : RecordText(raw, given.zone_offset, scratch_);
  if (!recognise(text, given)) {
    keep_plain(fields_, text);
    fields_.message = raw;
  }
  if (!text.following.empty()) fields_.flags |= LogRecord::kJoined;
  counts_.add(fields_.format);
  return fields_;
}

std::uint32_t LogParser::origin_of(const Given& given, LogColumns& out) {
  if (fields_.host.empty() || given.origin >= out.origins.size()) return given.origin;
  const LogOrigin& from = out.origins[given.origin];
  // Only what does not say by itself where it comes from is told by the text.
  if (!from.host.empty()) return given.origin;
  return out.origin_index({std::string(fields_.host), from.service, from.source});
}

bool LogParser::parse(std::string_view raw, const Given& given, LogColumns& out) {
  // What is derived from a text is not longer than the text, and one of it.
  if (raw.size() > (LogColumns::kMaxBytes - std::min(out.bytes.size(), LogColumns::kMaxBytes)) / 3)
    return false;
  scan(raw, given);
  const LogFields& f = fields_;
  out.make_room();
  ArenaWriter arena(out.bytes, raw);
  put(out.time_ns, f.time.ns);
  put(out.origin, origin_of(given, out));
  put(out.severity, f.severity);
  put(out.format, f.format);
  put(out.flags, f.flags);
  put(out.pid, f.pid);
  put(out.raw, arena.raw());
  put(out.component, arena.place(f.component));
  put(out.request_id, arena.place(f.request_id));
  put(out.global_request_id, arena.place(f.global_request_id));
  put(out.user_id, arena.place(f.user_id));
  put(out.project_id, arena.place(f.project_id));
  put(out.domain_id, arena.place(f.domain_id));
  put(out.instance, arena.place(f.instance));
  const TextSpan message = arena.place(f.message);
  put(out.message, message);
  put(out.traceback, arena.place(f.traceback));
  if (f.http.present()) {
    const auto row = static_cast<std::uint32_t>(out.size() - 1);
    out.http.push_back({row, f.http.status, arena.place(f.http.client), arena.place(f.http.method),
                        arena.place(f.http.path), f.http.bytes, f.http.duration_ns});
  }
  put(out.template_id, templater_.id(f.message, message.offset, out.variables));
  put(out.variable_end, static_cast<std::uint32_t>(out.variables.size()));
  scan_uuids(raw, out.uuids);
  put(out.uuid_end, static_cast<std::uint32_t>(out.uuids.size()));
  return true;
}

namespace {

LogParser& own_parser() {
  thread_local LogParser parser;
  return parser;
}

void set_request(LogRecord& record, const LogFields& f) {
  record.domain_id = f.domain_id;
  record.http.reset();
  if (!f.http.present()) return;
  record.http = HttpAccess{std::string(f.http.client),
                           std::string(f.http.method),
                           std::string(f.http.path),
                           f.http.status,
                           f.http.bytes,
                           std::nullopt};
  if (f.http.duration_ns >= 0) record.http->duration = Duration(f.http.duration_ns);
}

}  // namespace

void find_request_again(LogRecord& record) {
  set_request(record, own_parser().scan(record.raw, {.read = record.time}));
}

HttpNumbers http_numbers(std::string_view raw) {
  const HttpFields& http = own_parser().scan(raw, {.read = Time{0}}).http;
  return {http.bytes, http.duration_ns};
}

void parse_log(LogRecord& record, Duration zone_offset) {
  parse_log(record, own_parser(), zone_offset);
}

void parse_log(LogRecord& record, LogParser& parser, Duration zone_offset) {
  const LogFields& f = parser.scan(
      record.raw, {record.time, record.severity, record.flags, 0, zone_offset, nullptr, nullptr, false});
  record.time = f.time;
  record.severity = f.severity;
  record.flags = f.flags;
  record.pid = f.pid;
  if (record.host.empty()) record.host = f.host;
  record.component = f.component;
  record.request_id = f.request_id;
  record.global_request_id = f.global_request_id;
  record.user_id = f.user_id;
  record.project_id = f.project_id;
  record.instance = f.instance;
  record.traceback = f.traceback;
  record.message = f.message;
  set_request(record, f);
  record.template_id = log_template_id(record.message);
}

}  // namespace sentinella::codec
