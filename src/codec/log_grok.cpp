// The names of grok: what they stand for is common knowledge among its users, how they are spelt out here is
// our own, without look-around, so that RE2 takes it.
#include <algorithm>
#include <array>

#include "codec/log_pattern.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

struct Definition {
  std::string_view name, expression;
};

// Sorted by name.
constexpr std::array kDefinitions = {
    Definition{"BASE10NUM", R"([+-]?(?:\d+(?:\.\d*)?|\.\d+))"},
    Definition{"BASE16NUM", R"([+-]?(?:0[xX])?[0-9A-Fa-f]+)"},
    Definition{"BOOL", R"((?i:true|false|yes|no|on|off))"},
    Definition{"COMBINEDAPACHELOG", R"(%{COMMONAPACHELOG} "%{DATA:referrer}" "%{DATA:agent}")"},
    Definition{
        "COMMONAPACHELOG",
        R"re(%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{HTTPDATE:timestamp}\] )re"
        R"re("(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" )re"
        R"re(%{INT:response} (?:%{INT:bytes}|-))re"},
    Definition{"DATA", R"(.*?)"},
    Definition{"DATE", R"((?:%{DATE_US}|%{DATE_EU}))"},
    Definition{"DATESTAMP", R"(%{DATE}[- ]%{TIME})"},
    Definition{"DATE_EU", R"(%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR})"},
    Definition{"DATE_US", R"(%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR})"},
    Definition{"DAY", R"((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*)"},
    Definition{"EMAILADDRESS", R"([0-9A-Za-z_.+=:-]+@%{HOSTNAME})"},
    Definition{"GREEDYDATA", R"(.*)"},
    Definition{"GREEDYMULTILINE", R"((?s:.*))"},
    Definition{"HOSTNAME",
               R"([0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?(?:\.[0-9A-Za-z][0-9A-Za-z_-]{0,62})*\.?)"},
    Definition{"HOSTPORT", R"(%{IPORHOST}:%{POSINT})"},
    Definition{"HOUR", R"((?:2[0-3]|[01]?\d))"},
    Definition{"HTTPDATE", R"(%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} [+-]?\d{1,4})"},
    Definition{"INT", R"([+-]?\d+)"},
    Definition{"IP", R"((?:%{IPV6}|%{IPV4}))"},
    Definition{"IPORHOST", R"((?:%{IP}|%{HOSTNAME}))"},
    Definition{"IPV4", R"((?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))"},
    Definition{"IPV6", R"((?:[0-9A-Fa-f]{0,4}:){2,7}(?:%{IPV4}|[0-9A-Fa-f]{0,4})(?:%[0-9A-Za-z]+)?)"},
    Definition{"ISO8601_TIMEZONE", R"((?:Z|[+-]\d{2}(?::?\d{2})?))"},
    Definition{
        "LOGLEVEL",
        R"((?i:trace|debug|dbg|notice|info|information|audit|warn|warning|wrn|err|error|crit|critical|fatal|severe|panic|alert|emerg|emergency))"},
    Definition{"MAC", R"([0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5})"},
    Definition{"MINUTE", R"([0-5]\d)"},
    Definition{"MONTH", R"((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)"},
    Definition{"MONTHDAY", R"((?:0[1-9]|[12]\d|3[01]|[1-9]))"},
    Definition{"MONTHNUM", R"((?:0?[1-9]|1[0-2]))"},
    Definition{"MONTHNUM2", R"((?:0[1-9]|1[0-2]))"},
    Definition{"NONNEGINT", R"(\d+)"},
    Definition{"NOTSPACE", R"(\S+)"},
    Definition{"NUMBER", R"(%{BASE10NUM})"},
    Definition{"PATH", R"((?:%{UNIXPATH}|%{WINPATH}))"},
    Definition{"POSINT", R"([1-9]\d*)"},
    Definition{"PROG", R"([!-Z\\^-~]+)"},
    Definition{"QS", R"(%{QUOTEDSTRING})"},
    Definition{"QUOTEDSTRING", R"re((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))re"},
    Definition{"SECOND", R"((?:[0-5]?\d|60)(?:[:.,]\d+)?)"},
    Definition{"SPACE", R"(\s*)"},
    Definition{"SYSLOGBASE",
               R"(%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:host} %{SYSLOGPROG}:)"},
    Definition{"SYSLOGFACILITY", R"(<%{NONNEGINT:facility}.%{NONNEGINT:priority}>)"},
    Definition{"SYSLOGHOST", R"(%{IPORHOST})"},
    Definition{"SYSLOGLINE", R"(%{SYSLOGBASE} %{GREEDYDATA:message})"},
    Definition{"SYSLOGPROG", R"(%{PROG:program}(?:\[%{POSINT:pid}\])?)"},
    Definition{"SYSLOGTIMESTAMP", R"(%{MONTH} +%{MONTHDAY} %{TIME})"},
    Definition{"TIME", R"(%{HOUR}:%{MINUTE}(?::%{SECOND})?)"},
    Definition{
        "TIMESTAMP_ISO8601",
        R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?)"},
    Definition{"TTY", R"(/dev/(?:pts|tty)[0-9A-Za-z/]*)"},
    Definition{"TZ", R"([A-Z]{3,4})"},
    Definition{"UNIXPATH", R"((?:/[\w.,:@%+~-]*)+)"},
    Definition{"URI", R"(%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?)"},
    Definition{"URIHOST", R"(%{IPORHOST}(?::%{POSINT})?)"},
    Definition{"URIPARAM", R"(\?\S*)"},
    Definition{"URIPATH", R"((?:/[^\s?]*)+)"},
    Definition{"URIPATHPARAM", R"(%{URIPATH}(?:%{URIPARAM})?)"},
    Definition{"URIPROTO", R"([A-Za-z][A-Za-z0-9+.-]*)"},
    Definition{"USER", R"(%{USERNAME})"},
    Definition{"USERNAME", R"([0-9A-Za-z._-]+)"},
    Definition{"UUID", R"([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})"},
    Definition{"WINPATH", R"((?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+)"},
    Definition{"WORD", R"(\b\w+\b)"},
    Definition{"YEAR", R"(\d{4}|\d{2})"},
};
static_assert(std::ranges::is_sorted(kDefinitions, {}, &Definition::name));

constexpr std::size_t kMaxExpression = 64 * 1024;
constexpr int kMaxDepth = 8;

Result<void> expand(std::string_view text, int depth, std::string& out);

/// What stands between %{ and }: NAME, NAME:field, NAME:field:type.
Result<void> expand_name(std::string_view inside, int depth, std::string& out) {
  const std::size_t colon = inside.find(':');
  const std::string_view name = inside.substr(0, colon);
  const std::string_view definition = grok_definition(name);
  if (definition.empty())
    return fail_field(Errc::kInvalid, "pattern", "%{{{}}} is no grok name known here", name);
  std::string field;
  if (colon != std::string_view::npos) {
    std::string_view rest = inside.substr(colon + 1);
    rest = rest.substr(0, rest.find(':'));
    // RE2 allows letters, digits and '_'; ECS' names have dots, Logstash's brackets.
    for (const char c : rest) {
      const char letter = static_cast<char>(c | 0x20);
      const bool plain = is_digit(c) || (letter >= 'a' && letter <= 'z') || c == '_';
      if (plain || (c != '[' && c != ']')) field += plain ? c : '_';
    }
  }
  out += field.empty() ? "(?:" : "(?P<" + field + ">";
  SENT_TRY(expand(definition, depth + 1, out));
  out += ')';
  return {};
}

Result<void> expand(std::string_view text, int depth, std::string& out) {
  if (depth > kMaxDepth)
    return fail_field(Errc::kInvalid, "pattern", "grok names lie in one another more than {} deep",
                      kMaxDepth);
  while (!text.empty()) {
    if (out.size() > kMaxExpression)
      return fail_field(Errc::kTooLarge, "pattern", "is over {} bytes when spelt out", kMaxExpression);
    if (text.starts_with('\\') && text.size() > 1) {
      out += text.substr(0, 2);
      text.remove_prefix(2);
    } else if (take(text, "%{")) {
      const auto inside = take_until(text, "}", 128);
      if (!inside) return fail_field(Errc::kInvalid, "pattern", "a %{{ has no }} within 128 bytes");
      SENT_TRY(expand_name(*inside, depth, out));
    } else if (text.starts_with("(?<") && !text.starts_with("(?<=") && !text.starts_with("(?<!")) {
      out += "(?P<";
      text.remove_prefix(3);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return {};
}

}  // namespace

std::string_view grok_definition(std::string_view name) {
  const auto found = std::ranges::lower_bound(kDefinitions, name, {}, &Definition::name);
  return found != kDefinitions.end() && found->name == name ? found->expression : std::string_view{};
}

Result<std::string> expand_grok(std::string_view text) {
  if (text.size() > kMaxExpression)
    return fail_field(Errc::kTooLarge, "pattern", "is {} bytes, at most {}", text.size(), kMaxExpression);
  std::string out;
  SENT_TRY(expand(text, 0, out));
  return out;
}

}  // namespace sentinella::codec
