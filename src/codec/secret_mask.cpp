#include "codec/secret_mask.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace sentinella::codec {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::size_t kLongestName = 40;
constexpr std::size_t kLongestAuthority = 1000;
/// Fernet: a version byte and the time, in URL-safe Base64 (github.com/fernet/spec).
constexpr std::string_view kFernet = "gAAAA";
constexpr std::size_t kShortestFernet = 60;

/// What the name of a secret ends with.
constexpr std::array<std::string_view, 9> kNames{"password",   "passwd",      "adminpass",
                                                 "admin_pass", "secret",      "secret_key",
                                                 "api_key",    "private_key", "auth_token"};
/// Of headers: their values are not quoted.
constexpr std::array<std::string_view, 3> kHeaders{"x-auth-token", "x-subject-token", "x-service-token"};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
bool is_quote(char c) {
  return c == '\'' || c == '"';
}
bool ends_value(char c) {
  return static_cast<unsigned char>(c) <= ' ' || is_quote(c) || c == '\\' || c == ',' || c == ';' ||
         c == '&' || c == ')' || c == ']' || c == '}' || c == '>';
}
/// Nothing, or what is plainly none, or what was masked before.
bool is_no_secret(std::string_view value) {
  return value.empty() || value.starts_with("***") || value.starts_with("{SHA") || value.starts_with('<') ||
         value == "None" || value == "null" || value == "True" || value == "False" || value == "true" ||
         value == "false";
}

struct Span {
  std::size_t begin = 0, end = 0;
};

/// Copies a text, with masks in it, only once there is something to mask.
class Masker {
 public:
  explicit Masker(std::string& text) : text_(text) {}
  void mask(Span span) {
    out_.append(text_, copied_, span.begin - copied_);
    out_ += kMask;
    copied_ = span.end;
  }
  std::size_t copied() const { return copied_; }
  bool finish() {
    if (copied_ == 0) return false;
    out_.append(text_, copied_);
    text_ = std::move(out_);
    return true;
  }

 private:
  std::string& text_;
  std::string out_;
  std::size_t copied_ = 0;
};

bool ends_with_one_of(std::string_view name, const auto& known) {
  return std::ranges::any_of(known, [&](std::string_view one) {
    return name.size() >= one.size() && iequals(name.substr(name.size() - one.size()), one);
  });
}

/// The value of the name that ends before the = or : at `at`; empty when that names no secret.
Span value_after(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end > 0 && text[end - 1] == ' ') --end;
  const std::size_t bare = end;
  while (end > 0 && (is_quote(text[end - 1]) || text[end - 1] == '\\')) --end;
  const bool name_quoted = end != bare;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kLongestName && is_name_char(text[begin - 1])) --begin;
  const std::string_view name = text.substr(begin, end - begin);
  const bool header = ends_with_one_of(name, kHeaders);
  if (!header && !ends_with_one_of(name, kNames)) return {};
  std::size_t from = at + 1;
  while (from < text.size() && text[from] == ' ') ++from;
  if (from + 1 < text.size() && (text[from] == 'u' || text[from] == 'b') && is_quote(text[from + 1])) ++from;
  const std::size_t plain = from;
  while (from < text.size() && (is_quote(text[from]) || text[from] == '\\')) ++from;
  const bool value_quoted = from != plain;
  // "Invalid password: too short" is a sentence.
  if (text[at] == ':' && !header && !name_quoted && !value_quoted) return {};
  std::size_t to = from;
  if (value_quoted)
    while (to < text.size() && !is_quote(text[to]) && text[to] != '\\' && text[to] != '\n') ++to;
  else
    while (to < text.size() && !ends_value(text[to])) ++to;
  return is_no_secret(text.substr(from, to - from)) ? Span{} : Span{from, to};
}

/// The passwords of an authority that begins at `begin`: user:PASS@host,user:PASS@host
void mask_authority(Masker& masker, std::string_view text, std::size_t begin) {
  const std::size_t most = std::min(text.size(), begin + kLongestAuthority);
  std::size_t end = begin;
  while (end < most && static_cast<unsigned char>(text[end]) > ' ' && text[end] != '/' &&
         !is_quote(text[end]) && text[end] != '<' && text[end] != '>')
    ++end;
  while (begin < end) {
    const std::size_t comma = std::min(text.find(',', begin), end);
    const std::string_view one = text.substr(begin, comma - begin);
    const std::size_t sign = one.rfind('@');
    const std::size_t colon = one.find(':');
    if (sign != one.npos && colon < sign && !is_no_secret(one.substr(colon + 1, sign - colon - 1)))
      masker.mask({begin + colon + 1, begin + sign});
    begin = comma + 1;
  }
}

bool is_token_char(char c) {
  return is_name_char(c) || c == '=' || c == '%';
}

}  // namespace

bool mask_secrets(std::string& text) {
  Masker masker(text);
  const std::string_view all = text;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const char c = all[at];
    if (c != ':' && c != '=' && c != 'g') continue;
    if (at < masker.copied()) continue;
    if (c == 'g') {
      if (!all.substr(at).starts_with(kFernet) || (at > 0 && is_name_char(all[at - 1]))) continue;
      std::size_t end = at;
      while (end < all.size() && is_token_char(all[end])) ++end;
      if (end - at >= kShortestFernet) masker.mask({at, end});
    } else if (c == ':' && all.substr(at + 1).starts_with("//")) {
      mask_authority(masker, all, at + 3);
    } else if (const Span value = value_after(all, at); value.end > value.begin) {
      masker.mask(value);
    }
  }
  return masker.finish();
}

}  // namespace sentinella::codec
