// What OpenStack stands on: message queue, database, hypervisor, switch, storage.
#include "codec/log_formats.h"
#include "codec/log_line.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kLevelLimit = 16;
constexpr std::size_t kNameLimit = 256;

/// A time, then `after`: what comes behind them.
std::optional<std::string_view> after_time(const std::optional<WrittenTime>& time, std::string_view line,
                                           std::string_view after) {
  if (!time) return std::nullopt;
  std::string_view rest = line.substr(time->length);
  if (!take(rest, after)) return std::nullopt;
  return rest;
}

bool all_hex(std::string_view word) {
  return std::ranges::all_of(word, is_hex);
}

/// Ceph's debug levels: -1 is an error, 0 what everybody should know, the more the finer.
Severity ceph_level(int level) {
  if (level < 0) return Severity::error;
  return level < 5 ? Severity::info : Severity::debug;
}

/// `osd.3 812 text`, `mon.a@0(leader).osd e5 text`, `log_channel(cluster) log [WRN] : text`: who speaks.
std::string_view ceph_subsystem(std::string_view text) {
  const std::string_view word = text.substr(0, std::min(text.find(' '), kNameLimit));
  const std::size_t end = word.find_first_of("@(");
  const bool named = end != std::string_view::npos || word.find('.') != std::string_view::npos;
  return named && !word.ends_with('.') ? word.substr(0, end) : std::string_view{};
}

/// `cluster [WRN]` in the cluster's log, `log [WRN] :` in a daemon's that reports to it.
std::optional<Severity> cluster_level(std::string_view text, std::string_view opening) {
  const std::size_t at = text.substr(0, kNameLimit).find(opening);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + opening.size());
  const std::string_view level = take_until(text, "]", kLevelLimit).value_or("");
  return level == "SEC" ? Severity::warning : parse_severity(level);
}

// `2026-03-02T10:11:12.345678+0000 mon.cmp1 (mon.0) 812 : cluster [WRN] text`
bool parse_ceph_cluster(LogFields& fields, const RecordText& text, const WrittenTime& time,
                        std::string_view rest) {
  const std::string_view who = take_word(rest);
  if (who.find('.') == std::string_view::npos) return false;
  const auto place = take_until(rest, " : ", kNameLimit);
  if (!place) return false;
  std::string_view channel = rest;
  const auto severity = cluster_level(take_until(channel, "] ", 64) ? rest : "", " [");
  if (!severity) return false;
  fields.format = LogFormat::ceph;
  set_time(fields, time, text.zone_offset);
  fields.severity = *severity;
  fields.component = who;
  set_text(fields, channel, text);
  return true;
}

/// mysqld_safe: `260302 10:11:12 mysqld_safe text`.
bool parse_mysqld_safe(LogFields& fields, const RecordText& text) {
  const auto time = scan_mysqld_safe_time(text.line);
  const auto rest = after_time(time, text.line, " mysqld_safe ");
  if (!rest) return false;
  fields.format = LogFormat::mariadb;
  set_time(fields, *time, text.zone_offset);
  fields.severity = Severity::info;
  fields.component = "mysqld_safe";
  set_text(fields, *rest, text);
  return true;
}

}  // namespace

bool parse_rabbit(LogFields& fields, const RecordText& text) {
  const auto head = text.time ? scan_rabbit_head(text.line, *text.time) : std::nullopt;
  if (!head) return false;
  fields.format = LogFormat::rabbitmq;
  set_time(fields, head->time, text.zone_offset);
  fields.severity = head->severity;
  if (text.following.empty()) {
    fields.message = head->rest;
    return true;
  }
  // Each line of a message may repeat the head.
  char* out = text.scratch.take(text.from(head->rest).size() + 1);
  char* const begin = out;
  out = put_text(out, head->rest);
  for (std::string_view rest = text.following; !rest.empty();) {
    std::string_view line = without_cr(take_line(rest));
    if (take(line, head->head)) take(line, ' ');
    if (out != begin) *out++ = '\n';
    out = put_text(out, line);
  }
  fields.message = {begin, static_cast<std::size_t>(out - begin)};
  return true;
}

// `2026-03-02  9:11:12 0 [Warning] WSREP: text`, MySQL 8: `2026-03-02T09:11:12.345678Z 0 [System] [MY-010116]
// [Server] text`; the number is a thread of the server, not a process.
bool parse_mariadb(LogFields& fields, const RecordText& text) {
  const auto& time = text.time;
  auto rest = after_time(time, text.line, " ");
  if (!rest) return parse_mysqld_safe(fields, text);
  if (!take_number(*rest) || !take(*rest, " [")) return false;
  const std::string_view level = take_until(*rest, "] ", kLevelLimit).value_or("");
  const auto severity = level == "System" ? Severity::info : parse_severity(level);
  if (!severity) return false;
  fields.format = LogFormat::mariadb;
  set_time(fields, *time, text.zone_offset);
  fields.severity = *severity;
  std::string_view inner = *rest;
  if (take(inner, "[MY-") && take_until(inner, "] [", kLevelLimit)) {
    if (const auto part = take_until(inner, "] ", kNameLimit)) fields.component = *part;
  } else {
    for (const std::string_view part : {"InnoDB", "WSREP", "Aria"})
      if (rest->starts_with(part) && rest->substr(part.size()).starts_with(": ")) fields.component = part;
  }
  set_text(fields, *rest, text);
  return true;
}

// `2026-03-02 10:11:12.345+0000: 1911: error : virNetSocketReadWire:1791 : text`; of a guest:
// `2026-03-02 10:11:12.345+0000: starting up libvirt version: ...`
bool parse_libvirt(LogFields& fields, const RecordText& text) {
  const auto& time = text.time;
  auto rest = after_time(time, text.line, ": ");
  if (!rest || !time->offset) return false;
  LogFields found = fields;
  found.format = LogFormat::libvirt;
  set_time(found, *time, text.zone_offset);
  std::string_view after = *rest;
  if (const auto thread = take_number(after); thread && take(after, ": ")) {
    const auto severity = parse_severity(take_until(after, " : ", kLevelLimit).value_or(""));
    if (!severity) return false;
    found.severity = *severity;
    found.pid = *thread;
    if (const auto place = take_until(after, " : ", kNameLimit))
      found.component = place->substr(0, place->rfind(':'));
    rest = after;
  } else {
    found.severity = Severity::info;
  }
  fields = found;
  set_text(fields, *rest, text);
  return true;
}

// `2026-03-02T10:11:12.345Z|00042|rconn(thread)|WARN|text`; in syslog `ovs|00042|rconn|WARN|text`
bool parse_ovs(LogFields& fields, const RecordText& text) {
  const auto& time = text.time;
  std::string_view rest = text.line;
  if (time)
    rest.remove_prefix(time->length);
  else if (!text.nested || !take(rest, "ovs"))
    return false;
  if (!take(rest, '|')) return false;
  const auto sequence = take_until(rest, "|", 16);
  if (!sequence || !whole_number(*sequence)) return false;
  const auto module = take_until(rest, "|", 128);
  if (!module) return false;
  const auto severity = parse_severity(take_until(rest, "|", kLevelLimit).value_or(""));
  if (!severity) return false;
  fields.format = LogFormat::ovs;
  if (time) set_time(fields, *time, text.zone_offset);
  fields.severity = *severity;
  fields.component = module->substr(0, module->find('('));
  set_text(fields, rest, text);
  return true;
}

// `2026-03-02T10:11:12.345+0000 7f2a4c7fe700 -1 osd.3 812 heartbeat_check: text` (src/log/Log.cc: stamp,
// thread in hex, level padded to two), and the cluster's own log.
bool parse_ceph(LogFields& fields, const RecordText& text) {
  const auto& time = text.time;
  auto rest = after_time(time, text.line, " ");
  if (!rest) return false;
  std::string_view after = *rest;
  const std::string_view thread = take_word(after);
  if (thread.size() < 8 || thread.size() > 16 || !all_hex(thread))
    return parse_ceph_cluster(fields, text, *time, *rest);
  skip_blanks(after);
  const auto level = take_number<int>(after);
  if (!level || *level < -1 || *level > 99 || !take(after, ' ')) return false;
  fields.format = LogFormat::ceph;
  set_time(fields, *time, text.zone_offset);
  fields.severity = cluster_level(after, " log [").value_or(ceph_level(*level));
  fields.component = ceph_subsystem(after);
  set_text(fields, after, text);
  return true;
}

}  // namespace sentinella::codec
