#include "net/http_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace sentinella::net {
namespace {

constexpr std::size_t kMaxFields = 256;
constexpr std::size_t kMaxMethod = 32;
constexpr std::size_t kMaxChunkLine = 256;

constexpr std::array<bool, 256> kTokenChars = [] {
  std::array<bool, 256> chars{};
  for (int c = 0; c < 256; ++c)
    chars[static_cast<std::size_t>(c)] =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) chars[static_cast<unsigned char>(c)] = true;
  return chars;
}();
bool is_token_char(char c) {
  return kTokenChars[static_cast<unsigned char>(c)];
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Whether a comma-separated list, spread over any number of fields, has `token`.
bool has_list_token(const Headers& headers, std::string_view name, std::string_view token) {
  for (const Header& header : headers) {
    if (!iequals(header.name, name)) continue;
    for (const std::string_view item : split(header.value, ','))
      if (iequals(trim_blanks(item), token)) return true;
  }
  return false;
}

std::size_t count_of(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const Header& h) { return iequals(h.name, name); }));
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_field_value(std::string_view text) {
  bool good = true;  // without a way out, so that many bytes are looked at in one step
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    good &= (byte == '\t') | ((byte >= 0x20) & (byte != 0x7f));
  }
  return good;
}

Result<std::size_t> MessageParser::put(std::string_view data) {
  std::size_t used = 0;
  while (used < data.size() && state_ != State::done) {
    const std::string_view rest = data.substr(used);
    const bool in_body =
        state_ == State::body_until_close || state_ == State::body_sized || state_ == State::chunk_data;
    SENT_TRY_ASSIGN(const std::size_t taken, in_body ? put_body(rest) : put_line(rest));
    used += taken;
  }
  return used;
}

Result<void> MessageParser::finish() {
  if (state_ == State::body_until_close) state_ = State::done;
  if (state_ != State::done)
    return fail(Errc::kInvalid, "the connection was closed in the middle of the message");
  return {};
}

/// Everything that is a line: start line, fields, chunk sizes, the empty line after a chunk, trailers.
Result<std::size_t> MessageParser::put_line(std::string_view data) {
  const bool in_head = state_ <= State::fields;
  const auto end = data.find('\n');
  const std::size_t taken = end == std::string_view::npos ? data.size() : end + 1;
  if (in_head) {
    header_bytes_ += taken;
    if (header_bytes_ > limits_.header_bytes)
      return fail_field(Errc::kTooLarge, "headers", "the head is over {} bytes", limits_.header_bytes);
  } else if (state_ == State::trailers) {
    trailer_bytes_ += taken;
    if (trailer_bytes_ > limits_.header_bytes)
      return fail_field(Errc::kTooLarge, "headers", "the trailers are over {} bytes", limits_.header_bytes);
  } else if (line_.size() + taken > kMaxChunkLine) {
    return fail(Errc::kInvalid, "a chunk's size line is over {} bytes", kMaxChunkLine);
  }

  if (end == std::string_view::npos) {
    line_.append(data);
    return taken;
  }
  std::string whole;
  std::string_view line = data.substr(0, end);
  if (!line_.empty()) {
    whole = std::exchange(line_, {}).append(line);
    line = whole;
  }
  if (!line.ends_with('\r')) return fail(Errc::kInvalid, "a line ends without CR LF");
  line.remove_suffix(1);
  if (!is_field_value(line)) return fail(Errc::kInvalid, "a line of the head has a control character");
  SENT_TRY(on_line(line));
  return taken;
}

Result<std::size_t> MessageParser::put_body(std::string_view data) {
  std::size_t taken = data.size();
  if (state_ != State::body_until_close)
    taken = static_cast<std::size_t>(std::min<std::uint64_t>(taken, remaining_));
  if (taken > limits_.body_bytes - body_.size())
    return fail_field(Errc::kTooLarge, "body", "the body is over {} bytes", limits_.body_bytes);
  body_.append(data.substr(0, taken));
  if (state_ == State::body_until_close) return taken;
  remaining_ -= taken;
  if (remaining_ == 0) state_ = state_ == State::body_sized ? State::done : State::chunk_end;
  return taken;
}

Result<void> MessageParser::on_line(std::string_view line) {
  switch (state_) {
    case State::start_line:
      // RFC 9112, 2.2: an empty line before a request is left over from the one before.
      if (line.empty() && kind_ == MessageKind::request) return {};
      return kind_ == MessageKind::request ? on_request_line(line) : on_status_line(line);
    case State::fields:
      return line.empty() ? on_head_end() : on_field(line);
    case State::chunk_size:
      return on_chunk_size(line);
    case State::chunk_end:
      if (!line.empty()) return fail(Errc::kInvalid, "a chunk is longer than its size line says");
      state_ = State::chunk_size;
      return {};
    default:
      if (line.empty()) state_ = State::done;
      return {};
  }
}

Result<void> MessageParser::on_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return fail(Errc::kInvalid, "the request line is not 'METHOD target HTTP/1.1'");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const bool upper = std::ranges::none_of(method, [](char c) { return c >= 'a' && c <= 'z'; });
  if (!is_token(method) || !upper || method.size() > kMaxMethod)
    return fail(Errc::kInvalid, "the request's method is not an upper-case word");
  if (target.empty() || !std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; }))
    return fail(Errc::kInvalid, "the request's target has characters that must be percent-encoded");
  SENT_TRY(on_version(line.substr(last + 1)));
  method_ = method;
  target_ = target;
  state_ = State::fields;
  return {};
}

Result<void> MessageParser::on_status_line(std::string_view line) {
  if (line.size() < 12 || line[8] != ' ' || (line.size() > 12 && line[12] != ' '))
    return fail(Errc::kInvalid, "the status line is not 'HTTP/1.1 200 OK'");
  SENT_TRY(on_version(line.substr(0, 8)));
  const auto status = parse_uint(line.substr(9, 3));
  if (!status || *status < 100 || *status > 599) return fail(Errc::kInvalid, "the status is not 100 to 599");
  status_ = static_cast<int>(*status);
  state_ = State::fields;
  return {};
}

Result<void> MessageParser::on_version(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") {
    minor_version_ = version.back() - '0';
    return {};
  }
  if (version.size() == 8 && version.starts_with("HTTP/"))
    return fail_field(Errc::kUnsupported, "version", "only HTTP/1.0 and HTTP/1.1 are spoken here");
  return fail(Errc::kInvalid, "the start line names no HTTP version");
}

Result<void> MessageParser::on_field(std::string_view line) {
  if (is_blank(line.front())) return fail(Errc::kInvalid, "a header line is folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return fail(Errc::kInvalid, "a header line is not 'name: value'");
  if (static_cast<std::size_t>(headers_.end() - headers_.begin()) == kMaxFields)
    return fail_field(Errc::kTooLarge, "headers", "over {} header lines", kMaxFields);
  headers_.add(line.substr(0, colon), trim_blanks(line.substr(colon + 1)));
  return {};
}

/// Decides where the body ends (RFC 9112, 6.3).
Result<void> MessageParser::on_head_end() {
  const bool request = kind_ == MessageKind::request;
  const std::size_t lengths = count_of(headers_, "content-length");
  const std::size_t codings = count_of(headers_, "transfer-encoding");
  const std::size_t hosts = count_of(headers_, "host");
  if (request && (hosts > 1 || (hosts == 0 && minor_version_ == 1)))
    return fail(Errc::kInvalid, "the request has {} Host headers, not one", hosts);
  if (lengths > 0 && codings > 0)
    return fail(Errc::kInvalid, "the message has both Content-Length and Transfer-Encoding");
  if (lengths > 1) return fail(Errc::kInvalid, "the message has more than one Content-Length");

  std::uint64_t length = 0;
  if (lengths == 1) {
    const auto parsed = parse_uint(headers_.get("content-length"));
    if (!parsed) return fail(Errc::kInvalid, "Content-Length is not a number");
    length = *parsed;
  }
  if (codings > 0) {
    if (codings > 1 || minor_version_ == 0)
      return fail(Errc::kInvalid, "Transfer-Encoding is given twice, or in HTTP/1.0");
    if (!iequals(headers_.get("transfer-encoding"), "chunked"))
      return fail_field(Errc::kUnsupported, "transfer-encoding",
                        "the only transfer coding spoken here is chunked");
  }

  const bool bodiless = !request && (no_body_ || status_ < 200 || status_ == 204 || status_ == 304);
  if (bodiless || (request && lengths + codings == 0)) {
    state_ = State::done;
  } else if (codings > 0) {
    state_ = State::chunk_size;
  } else if (lengths > 0) {
    if (length > limits_.body_bytes)
      return fail_field(Errc::kTooLarge, "body", "the body has {} bytes, at most {}", length,
                        limits_.body_bytes);
    remaining_ = length;
    state_ = length == 0 ? State::done : State::body_sized;
  } else {
    state_ = State::body_until_close;
  }
  return {};
}

Result<void> MessageParser::on_chunk_size(std::string_view line) {
  const std::string_view digits = trim_blanks(line.substr(0, line.find(';')));
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (error != std::errc{} || end != digits.data() + digits.size() || is_blank(line.front()))
    return fail(Errc::kInvalid, "a chunk's size is not a hexadecimal number");
  if (size > limits_.body_bytes - body_.size())
    return fail_field(Errc::kTooLarge, "body", "the body is over {} bytes", limits_.body_bytes);
  remaining_ = size;
  state_ = size == 0 ? State::trailers : State::chunk_data;
  return {};
}

bool MessageParser::keep_alive() const {
  if (has_list_token(headers_, "connection", "close")) return false;
  if (minor_version_ == 0 && !has_list_token(headers_, "connection", "keep-alive")) return false;
  const bool framed = headers_.has("content-length") || headers_.has("transfer-encoding");
  return kind_ == MessageKind::request || framed || no_body_ || status_ == 204 || status_ == 304;
}

Result<void> split_target(std::string_view target, Request& request) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !iequals(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    break;
  }
  const auto question = target.find('?');
  const std::string_view raw_path = target.substr(0, question);
  auto path = percent_decode(raw_path.empty() ? "/" : raw_path);
  if (!path || !path->starts_with('/') || path->contains('\0'))
    return fail(Errc::kInvalid, "the request's target is not a path, or has a bad escape");
  request.path = std::move(*path);
  request.query = question == std::string_view::npos ? "" : target.substr(question + 1);
  return {};
}

}  // namespace sentinella::net
