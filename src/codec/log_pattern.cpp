#include "codec/log_pattern.h"

#include <array>
#include <cmath>

#include <re2/re2.h>

#include "base/text.h"
#include "codec/log_formats.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr int kMaxGroups = 64;

enum class Target : std::uint8_t {
  extra,
  time,
  level,
  pid,
  component,
  host,
  message,
  request_id,
  global_request_id,
  user_id,
  project_id,
  domain_id,
  instance,
  client,
  method,
  path,
  status,
  bytes,
  seconds,
  milliseconds,
};

Target target_of(std::string_view name) {
  struct Name {
    std::string_view name;
    Target target;
  };
  static constexpr Name kNames[] = {
      {"time", Target::time},
      {"timestamp", Target::time},
      {"ts", Target::time},
      {"level", Target::level},
      {"severity", Target::level},
      {"loglevel", Target::level},
      {"log_level", Target::level},
      {"pid", Target::pid},
      {"process_id", Target::pid},
      {"log_id", Target::pid},
      {"component", Target::component},
      {"logger", Target::component},
      {"program", Target::component},
      {"host", Target::host},
      {"hostname", Target::host},
      {"message", Target::message},
      {"msg", Target::message},
      {"description", Target::message},
      {"request_id", Target::request_id},
      {"global_request_id", Target::global_request_id},
      {"user_id", Target::user_id},
      {"user", Target::user_id},
      {"project_id", Target::project_id},
      {"project", Target::project_id},
      {"tenant", Target::project_id},
      {"domain_id", Target::domain_id},
      {"instance", Target::instance},
      {"client", Target::client},
      {"clientip", Target::client},
      {"client_ip", Target::client},
      {"method", Target::method},
      {"verb", Target::method},
      {"path", Target::path},
      {"request", Target::path},
      {"uri", Target::path},
      {"status", Target::status},
      {"response", Target::status},
      {"bytes", Target::bytes},
      {"duration", Target::seconds},
      {"duration_ms", Target::milliseconds},
  };
  for (const Name& known : kNames)
    if (name == known.name) return known.target;
  return Target::extra;
}

/// Any way of writing a time that some format has, or seconds since 1970.
void fill_time(LogFields& fields, std::string_view text, Duration zone) {
  auto time = scan_iso_time(text);
  if (!time) time = scan_access_time(text);
  if (!time) time = scan_ctime(text);
  if (!time) time = scan_syslog_time(text, fields.time);
  if (time) return set_time(fields, *time, zone);
  const auto seconds = parse_double(text);
  if (!seconds || !(*seconds > 0 && *seconds < 9e9)) return;
  fields.time = Time{std::llround(*seconds * 1e6) * 1'000};
  fields.flags &= ~static_cast<std::uint32_t>(LogRecord::kTimeAssumed);
}

std::int64_t span_in(std::string_view text, double unit) {
  const auto value = parse_double(text);
  return value && *value >= 0 && *value * unit < 9e18 ? std::llround(*value * unit) : -1;
}

void fill(LogFields& fields, Target target, std::string_view value, Duration zone) {
  switch (target) {
    case Target::time:
      return fill_time(fields, value, zone);
    case Target::level:
      fields.severity = parse_severity(value).value_or(fields.severity);
      return;
    case Target::pid:
      fields.pid = whole_number(value).value_or(0);
      return;
    case Target::component:
      fields.component = value;
      return;
    case Target::host:
      fields.host = value;
      return;
    case Target::request_id:
      fields.request_id = value;
      return;
    case Target::global_request_id:
      fields.global_request_id = value;
      return;
    case Target::user_id:
      fields.user_id = value;
      return;
    case Target::project_id:
      fields.project_id = value;
      return;
    case Target::domain_id:
      fields.domain_id = value;
      return;
    case Target::instance:
      fields.instance = value;
      return;
    case Target::client:
      fields.http.client = value;
      return;
    case Target::method:
      fields.http.method = value;
      return;
    case Target::path:
      fields.http.path = value;
      return;
    case Target::status:
      fields.http.status = whole_number<std::uint16_t>(value).value_or(0);
      return;
    case Target::bytes:
      fields.http.bytes = whole_number<std::int64_t>(value).value_or(-1);
      return;
    case Target::seconds:
      fields.http.duration_ns = span_in(value, 1e9);
      return;
    case Target::milliseconds:
      fields.http.duration_ns = span_in(value, 1e6);
      return;
    case Target::message:
    case Target::extra:
      return;
  }
}

}  // namespace

struct LogPattern::Impl {
  explicit Impl(std::string text, const RE2::Options& options)
      : expression(std::move(text)), regex(expression, options) {}

  std::string expression;
  RE2 regex;
  std::vector<std::string> groups;
  std::vector<Target> targets;
};

LogPattern::LogPattern(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogPattern::~LogPattern() = default;

const std::string& LogPattern::expression() const {
  return impl_->expression;
}
const std::vector<std::string>& LogPattern::groups() const {
  return impl_->groups;
}

Result<std::shared_ptr<const LogPattern>> LogPattern::compile(std::string_view text) {
  SENT_TRY_ASSIGN(std::string expression, expand_grok(text));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);  // bytes: a line need not be UTF-8
  options.set_max_mem(8 << 20);
  auto impl = std::make_unique<Impl>(std::move(expression), options);
  if (!impl->regex.ok())
    return fail_field(Errc::kInvalid, "pattern", "is no regular expression: {}", impl->regex.error());
  const int count = impl->regex.NumberOfCapturingGroups();
  if (count > kMaxGroups)
    return fail_field(Errc::kTooLarge, "pattern", "has {} groups, at most {}", count, kMaxGroups);
  impl->groups.resize(static_cast<std::size_t>(count));
  for (const auto& [index, name] : impl->regex.CapturingGroupNames())
    impl->groups[static_cast<std::size_t>(index) - 1] = name;
  for (const std::string& name : impl->groups) impl->targets.push_back(target_of(name));
  return std::shared_ptr<const LogPattern>(new LogPattern(std::move(impl)));
}

bool LogPattern::match(LogFields& fields, const RecordText& text) const {
  std::array<re2::StringPiece, kMaxGroups + 1> found;
  const int count = static_cast<int>(impl_->groups.size()) + 1;
  if (!impl_->regex.Match(text.line, 0, text.line.size(), RE2::UNANCHORED, found.data(), count)) return false;
  fields.format = LogFormat::pattern;
  std::string_view message = text.line;
  for (std::size_t i = 0; i < impl_->groups.size(); ++i) {
    const re2::StringPiece& group = found[i + 1];
    // A message that is empty is another thing than a group that did not take part.
    if (group.data() == nullptr || impl_->groups[i].empty()) continue;
    const std::string_view value(group.data(), group.size());
    if (impl_->targets[i] == Target::message)
      message = value;
    else if (impl_->targets[i] == Target::extra)
      fields.extra.emplace_back(impl_->groups[i], value);
    else
      fill(fields, impl_->targets[i], value, text.zone_offset);
  }
  const bool to_the_end = message.data() + message.size() == text.line.data() + text.line.size();
  if (to_the_end)
    set_text(fields, message, text);
  else
    fields.message = message;
  return true;
}

}  // namespace sentinella::codec
