#include "telemetry/datetime.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kDate = 10, kMinutes = 16, kSeconds = 19, kLongest = 40;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A short text without an allocation: every message has an instant, most have several.
class NormalForm {
 public:
  void operator+=(std::string_view more) {
    std::ranges::copy(more, letters_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += more.size();
  }
  std::string_view text() const { return {letters_.data(), size_}; }

 private:
  std::array<char, kLongest + 16> letters_;  // the zone, seconds and a T may be more than what was written
  std::size_t size_ = 0;
};

/// The zone at the end as RFC 3339 wants it; nullopt when it is none.
std::optional<std::string> zone_of(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return "Z";
  if (text[0] != '+' && text[0] != '-') return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (is_digit(c))
      digits.push_back(c);
    else if (c != ':')
      return std::nullopt;
  }
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return std::nullopt;
  return text[0] + digits.substr(0, 2) + ":" + digits.substr(2);
}

}  // namespace

std::optional<Time> parse_datetime(std::string_view text) {
  text = trim(text);
  if (text.size() < kDate || text.size() > kLongest) return std::nullopt;
  NormalForm normal;
  normal += text.substr(0, kDate);
  if (text.size() == kDate) {
    normal += "T00:00:00Z";
  } else {
    if (text.size() < kMinutes || (text[kDate] != 'T' && text[kDate] != ' ')) return std::nullopt;
    const bool seconds = text.size() >= kSeconds && text[kMinutes] == ':';
    std::size_t end = seconds ? kSeconds : kMinutes;
    normal += "T";
    normal += text.substr(kDate + 1, end - kDate - 1);
    if (!seconds) normal += ":00";
    if (end < text.size() && (text[end] == '.' || text[end] == ',')) {
      const std::size_t begin = ++end;
      while (end < text.size() && is_digit(text[end])) ++end;
      if (end == begin || end - begin > 9) return std::nullopt;
      normal += ".";
      normal += text.substr(begin, end - begin);
    }
    const auto zone = zone_of(text.substr(end));
    if (!zone) return std::nullopt;
    normal += *zone;
  }
  const auto time = parse_rfc3339(normal.text());
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace sentinella::telemetry
