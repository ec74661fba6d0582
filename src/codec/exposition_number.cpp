#include "codec/exposition_number.h"

#include <limits>
#include <string_view>

#include "base/text.h"
#include "codec/decimal_text.h"

namespace sentinella::codec {
namespace {

const char* parse_word(const char* text, const char* end, double& value) {
  const bool negative = text != end && *text == '-';
  text += negative;
  const std::string_view rest(text, static_cast<std::size_t>(end - text));
  if (iequals(rest.substr(0, 3), "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    return text + 3;
  }
  if (!iequals(rest.substr(0, 3), "inf")) return nullptr;
  value = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  return text + (iequals(rest.substr(3, 5), "inity") ? 8 : 3);
}

}  // namespace

const char* parse_exposition_number(const char* text, const char* end, double& value) {
  if (text != end && *text == '+') {
    ++text;
    if (text != end && *text == '-') return nullptr;
  }
  DecimalNumber number;
  const char* const stop = scan_decimal(text, end, number);
  if (stop == nullptr) return parse_word(text, end, value);
  value = number.value;
  return stop;
}

}  // namespace sentinella::codec
