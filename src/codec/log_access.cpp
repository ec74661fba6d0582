#include "codec/log_access.h"

#include <array>

#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

/// Longer names, addresses and proxies than this are none.
constexpr std::size_t kWordLimit = 256;

bool is_method(std::string_view word) {
  return word.size() >= 3 && word.size() <= 16 &&
         std::ranges::all_of(word, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
}

/// `GET /path HTTP/1.1"`, the protocol may be missing; takes the closing quote.
bool take_request(std::string_view& text, HttpFields& http) {
  const std::size_t quote = text.find('"');
  if (quote == std::string_view::npos) return false;
  std::string_view request = text.substr(0, quote);
  text.remove_prefix(quote + 1);
  const std::string_view method = take_word(request);
  if (!is_method(method)) return false;
  http.method = method;
  http.path = take_word(request);
  return true;
}

/// "0.2477829" in seconds, as nanoseconds; -1 when it is no such number.
std::int64_t seconds(std::string_view word) {
  const auto whole = take_number<std::uint32_t>(word);
  if (!whole) return -1;
  std::int64_t value = std::int64_t{*whole} * 1'000'000'000;
  if (!take(word, '.')) return value;
  for (std::int64_t scale = 100'000'000; scale > 0 && !word.empty() && is_digit(word.front()); scale /= 10) {
    value += (word.front() - '0') * scale;
    word.remove_prefix(1);
  }
  return value;
}

std::optional<std::uint16_t> take_status(std::string_view& text) {
  const auto status = take_number<std::uint16_t>(text);
  if (!status || *status < 100 || *status > 999) return std::nullopt;
  return status;
}

/// A count, or "-" for none.
bool take_bytes(std::string_view& text, HttpFields& http) {
  if (take(text, '-')) return true;
  const auto bytes = take_number<std::int64_t>(text);
  if (!bytes || *bytes < 0) return false;
  http.bytes = *bytes;
  return true;
}

/// Addresses, proxies' too: "10.0.0.9", "fd00::9,10.0.0.1".
std::string_view take_addresses(std::string_view& text) {
  static constexpr auto kPlausible = [] {
    std::array<bool, 256> plausible{};
    for (unsigned c = 0; c < 256; ++c)
      plausible[c] = is_hex(static_cast<char>(c)) || c == '.' || c == ':' || c == ',';
    return plausible;
  }();
  const std::size_t limit = std::min(text.size(), kWordLimit);
  std::size_t end = 0;
  while (end < limit && kPlausible[static_cast<unsigned char>(text[end])]) ++end;
  if (end < 2 || end == limit || text[end] != ' ') return {};
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end + 1);
  return word;
}

/// `status: 200 len: 1893 microversion: 2.1 time: 0.2477829`; neutron writes two blanks here and there.
bool take_named_values(std::string_view text, HttpFields& http) {
  if (!take(text, "status: ")) return false;
  const auto status = take_status(text);
  if (!status) return false;
  http.status = *status;
  while (!text.empty()) {
    skip_blanks(text);
    if (take(text, "len: "))
      take_bytes(text, http);
    else if (take(text, "time: "))
      http.duration_ns = seconds(text);
    else
      take_word(text);
  }
  return true;
}

/// `300 1177 0.004081`
bool take_bare_values(std::string_view text, HttpFields& http) {
  const auto status = take_status(text);
  if (!status || !take(text, ' ') || !take_bytes(text, http)) return false;
  http.status = *status;
  if (take(text, ' ')) http.duration_ns = seconds(text);
  return true;
}

/// As text.rfind(part), for a part that has a rare character in it, `at` bytes on.
std::size_t rfind_by(std::string_view text, std::string_view part, std::size_t at) {
  for (std::size_t place = text.rfind(part[at]); place != std::string_view::npos && place >= at;
       place = place == 0 ? std::string_view::npos : text.rfind(part[at], place - 1))
    if (text.substr(place - at).starts_with(part)) return place - at;
  return std::string_view::npos;
}

/// The last words of uWSGI's line: ` => generated 4312 bytes in 38 msecs (HTTP/1.1 200) ...`.
void scan_uwsgi_request(std::string_view request, HttpFields& http) {
  http.method = take_word(request);
  // A path may hold anything; what was generated is told last.
  constexpr std::string_view kAnswer = " => generated ";
  const std::size_t at = rfind_by(request, kAnswer, 2);
  http.path = request.substr(0, at);
  if (at == std::string_view::npos) return;
  request.remove_prefix(at + kAnswer.size());
  if (const auto bytes = take_number<std::int64_t>(request)) http.bytes = *bytes;
  if (!take(request, " bytes in ")) return;
  const auto span = take_number<std::uint32_t>(request);
  const std::string_view unit = span && take(request, ' ') ? take_word(request) : "";
  if (unit == "msecs") http.duration_ns = std::int64_t{*span} * 1'000'000;
  if (unit == "micros") http.duration_ns = std::int64_t{*span} * 1'000;
  if (!take(request, "(HTTP/") || !take_until(request, " ", 8)) return;
  http.status = take_status(request).value_or(0);
}

/// `GET http://host/path`, `http://host/path returned with HTTP 200`: what cinder.api.openstack.wsgi and its
/// like say before and after a request.
bool scan_url_request(std::string_view message, HttpFields& http) {
  HttpFields found;
  std::string_view rest = message;
  if (!rest.starts_with("http")) {
    found.method = take_word(rest);
    if (!is_method(found.method)) return false;
  }
  found.path = take_word(rest);
  if (!found.path.starts_with("http://") && !found.path.starts_with("https://")) return false;
  if (found.method.empty()) {
    if (!take(rest, "returned with HTTP ")) return false;
    const auto status = take_status(rest);
    if (!status) return false;
    found.status = *status;
  }
  if (!without_cr(rest).empty()) return false;
  http = found;
  return true;
}

/// `host ident user`, perhaps with `vhost:port` before: the host.
std::string_view client_of(std::string_view words) {
  std::string_view first = take_word(words);
  if (std::ranges::count(words, ' ') < 2) return first;
  const std::size_t colon = first.rfind(':');
  const bool virtual_host =
      colon != std::string_view::npos && whole_number<std::uint16_t>(first.substr(colon + 1)).has_value();
  return virtual_host ? take_word(words) : first;
}

/// `Tq/Tw/Tc/Tr/Ta` in milliseconds: the last, of at least `parts`; -1 when it is not that.
std::int64_t total_time(std::string_view word, std::ptrdiff_t parts) {
  if (std::ranges::count(word, '/') != parts - 1) return -1;
  word.remove_prefix(word.rfind('/') + 1);
  take(word, '+');  // "option logasap": not over yet
  const auto ms = whole_number<std::uint32_t>(word);
  return ms ? std::int64_t{*ms} * 1'000'000 : -1;
}

/// `STATUS BYTES CC CS TSCC a/f/b/s/r q/b {captured} "GET / HTTP/1.1"`
bool scan_haproxy_http(std::string_view times, std::string_view rest, HaproxyLine& line) {
  HttpFields http;
  http.duration_ns = total_time(times, 5);
  std::string_view status = take_word(rest);
  if (std::ranges::count(times, '/') != 4 || !take_bytes(rest, http)) return false;
  if (status != "-1") http.status = take_status(status).value_or(0);
  const std::size_t quote = rest.find('"');
  if (quote == std::string_view::npos) return false;
  rest.remove_prefix(quote + 1);
  if (!take_request(rest, http)) http.method = "-", http.path = "";  // <BADREQ>
  http.client = line.http.client;
  line.http = http;
  line.is_http = true;
  return true;
}

}  // namespace

bool is_uwsgi_access(std::string_view line) {
  return take(line, "[pid: ") && take_number(line) && take(line, "|app: ");
}

std::optional<UwsgiAccess> scan_uwsgi_access(std::string_view line) {
  std::string_view rest = line;
  if (!take(rest, "[pid: ")) return std::nullopt;
  const auto pid = take_number(rest);
  if (!pid || !take(rest, '|') || !take_until(rest, "] ", 128)) return std::nullopt;
  // The user's name between the parentheses may hold anything, so the time is what follows "bytes} ".
  constexpr std::string_view kBeforeTime = "bytes} [";
  const std::size_t at = rest.find(kBeforeTime);
  if (at == std::string_view::npos) return std::nullopt;
  const auto time = scan_ctime(rest.substr(at + kBeforeTime.size()));
  if (!time) return std::nullopt;
  UwsgiAccess access{
      *pid, *time, rest.substr(0, std::min(rfind_by(rest.substr(0, at), " {", 1), at)), {}, {}};
  rest.remove_prefix(at + kBeforeTime.size() + time->length);
  if (!take(rest, "] ")) return std::nullopt;
  access.request = rest;
  scan_uwsgi_request(rest, access.http);
  access.http.client = access.client.substr(0, access.client.find(' '));
  return access;
}

std::optional<ApacheAccess> scan_apache_access(std::string_view line) {
  if (line.empty() || line.front() == ' ' || line.front() == '[') return std::nullopt;
  // host ident user: a user name may hold blanks, so the bracket is looked for within a bound.
  const std::size_t open = line.substr(0, 512).find(" [");
  if (open == std::string_view::npos || std::ranges::count(line.substr(0, open), ' ') < 2)
    return std::nullopt;
  std::string_view rest = line.substr(open + 2);
  const auto time = scan_access_time(rest);
  if (!time) return std::nullopt;
  rest.remove_prefix(time->length);
  if (!take(rest, "] \"")) return std::nullopt;
  ApacheAccess access{*time, {}};
  HttpFields& http = access.http;
  if (!take_request(rest, http)) http.method = "-";
  http.client = client_of(line.substr(0, open));
  if (!take(rest, ' ')) return access;
  http.status = take_status(rest).value_or(0);
  if (!take(rest, ' ') || !take_bytes(rest, http)) return access;
  std::string_view after = rest;
  std::optional<std::uint64_t> micros;
  if (take(after, ' ') && !after.starts_with('"'))
    micros = whole_number<std::uint64_t>(take_word(after));
  else if (!without_cr(rest).ends_with('"'))
    micros = whole_number<std::uint64_t>(without_cr(rest).substr(rest.rfind(' ') + 1));
  if (micros && *micros < std::uint64_t{1} << 50)
    http.duration_ns = static_cast<std::int64_t>(*micros) * 1'000;
  return access;
}

std::optional<HaproxyLine> scan_haproxy(std::string_view text) {
  HaproxyLine line;
  std::string_view rest = text;
  line.http.client = take_addresses(rest);
  const std::size_t colon = line.http.client.rfind(':');
  if (colon == std::string_view::npos || !take(rest, '[')) return std::nullopt;
  line.http.client = line.http.client.substr(0, colon);
  const auto time = scan_access_time(rest);
  if (!time) return std::nullopt;
  line.time = *time;
  rest.remove_prefix(time->length);
  if (!take(rest, "] ")) return std::nullopt;
  const std::string_view frontend = take_word(rest);
  line.proxy = frontend.substr(0, frontend.find_first_of("/:~"));
  const std::size_t slash = rest.substr(0, rest.find(' ')).find('/');
  if (slash == std::string_view::npos) return line;  // the connection failed: text follows
  const std::string_view server = take_word(rest);
  const std::string_view times = take_word(rest);
  if (scan_haproxy_http(times, rest, line)) {
    line.proxy = server.substr(0, slash);
  } else if (std::ranges::count(times, '/') == 2 && take_bytes(rest, line.http)) {
    line.proxy = server.substr(0, slash);
    line.http.duration_ns = total_time(times, 3);
  }
  return line;
}

std::optional<SwiftAccess> scan_swift_access(std::string_view line) {
  SwiftAccess access;
  std::string_view rest = line;
  access.http.client = take_word(rest);
  take_word(rest);
  const auto time = scan_swift_time(rest);
  if (!time || access.http.client.size() > kWordLimit) return std::nullopt;
  access.time = *time;
  rest.remove_prefix(time->length + 1);
  access.http.method = take_word(rest);
  access.http.path = take_word(rest);
  if (!is_method(access.http.method) || !access.http.path.starts_with('/') ||
      !take_word(rest).starts_with("HTTP/"))
    return std::nullopt;
  access.http.status = whole_number<std::uint16_t>(take_word(rest)).value_or(0);
  // referer, agent, token, bytes received; bytes sent, etag, transaction, headers, seconds
  std::array<std::string_view, 9> words;
  for (std::string_view& word : words) word = take_word(rest);
  access.http.bytes = whole_number<std::int64_t>(words[4]).value_or(-1);
  if (words[6].starts_with("tx")) access.transaction = words[6];
  access.http.duration_ns = seconds(words[8]);
  return access;
}

bool scan_wsgi_request(std::string_view message, HttpFields& http) {
  // Sentences begin neither like an address nor like a method; most messages are out at once.
  if (message.empty() || (!is_hex(message[0]) && message[0] != ':' && message[0] != 'h' &&
                          !(message.size() > 2 && message[1] >= 'A' && message[1] <= 'Z')))
    return false;
  HttpFields found;
  std::string_view rest = message;
  found.client = take_addresses(rest);
  if (found.client.empty()) return scan_url_request(message, http);
  if (rest.starts_with("- ") && !take_until(rest, "] ", kWordLimit)) return false;
  if (!take(rest, '"') || !take_request(rest, found) || !take(rest, ' ')) return false;
  if (!take_named_values(rest, found) && !take_bare_values(rest, found)) return false;
  http = found;
  return true;
}

bool is_access_line(std::string_view line) {
  return scan_apache_access(line) || scan_haproxy(line);
}

}  // namespace sentinella::codec
