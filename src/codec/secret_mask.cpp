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
constexpr std::array<std::string_view, 9> kSecretNames{"password",   "passwd",      "adminpass",
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
  if (!header && !ends_with_one_of(name, kSecretNames)) return {};
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

/// Where the authority of an address ends that begins at `begin`: user:PASS@host,user:PASS@host
std::size_t end_of_authority(std::string_view text, std::size_t begin) {
  const std::size_t most = std::min(text.size(), begin + kLongestAuthority);
  std::size_t end = begin;
  while (end < most && static_cast<unsigned char>(text[end]) > ' ' && text[end] != '/' &&
         !is_quote(text[end]) && text[end] != '<' && text[end] != '>')
    ++end;
  return end;
}

/// The password after the first : of a user and a host, which end at `end`; empty when there is none.
Span password_after(std::string_view text, std::size_t at, std::size_t end) {
  const std::size_t sign = text.substr(0, end).rfind('@');
  if (sign == text.npos || sign <= at || is_no_secret(text.substr(at + 1, sign - at - 1))) return {};
  return {at + 1, sign};
}

/// The Fernet token that begins at `at`; empty when none does.
Span token_at(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with(kFernet) || (at > 0 && is_name_char(text[at - 1]))) return {};
  std::size_t end = at;
  while (end < text.size() && (is_name_char(text[end]) || text[end] == '=' || text[end] == '%')) ++end;
  return end - at >= kShortestFernet ? Span{at, end} : Span{};
}

}  // namespace

bool mask_secrets(std::string& text) {
  Masker masker(text);
  const std::string_view all = text;
  std::size_t authority_end = 0;  // of the address that `at` is in
  std::size_t user_end = 0;       // of its user and host of which the first : is behind
  for (std::size_t at = 0; at < all.size(); ++at) {
    const char c = all[at];
    if (c != ':' && c != '=' && c != 'g') continue;
    if (at < masker.copied()) continue;
    Span secret;
    if (c == 'g') {
      secret = token_at(all, at);
    } else if (c == ':' && all.substr(at + 1).starts_with("//")) {
      authority_end = end_of_authority(all, at + 3);
      user_end = at + 3;
    } else if (c == ':' && at < authority_end) {
      if (at < user_end) continue;
      user_end = std::min(all.find(',', at), authority_end);
      secret = password_after(all, at, user_end);
    } else {
      secret = value_after(all, at);
    }
    if (secret.end > secret.begin) masker.mask(secret);
  }
  return masker.finish();
}

}  // namespace sentinella::codec
