#include "logs/block/id_text.h"

#include "codec/uuid_digits.h"

namespace sentinella::logs {

using codec::DigitCase;

bool read_dashed(std::string_view text, IdBytes& id) {
  return text.size() >= kDashedId && codec::read_dashed_digits(text.data(), DigitCase::lower, id.data());
}

bool read_plain(std::string_view text, IdBytes& id) {
  return text.size() >= kPlainId && codec::read_32_digits(text.data(), DigitCase::lower, id.data());
}

std::optional<std::string> parse_id(std::string_view text) {
  IdBytes id;
  if (text.size() == kDashedId ? read_dashed(text, id) : text.size() == kPlainId && read_plain(text, id))
    return std::string(bytes_of(id));
  return std::nullopt;
}

std::optional<std::string> trailing_id(std::string_view text) {
  for (const std::size_t length : {kDashedId, kPlainId})
    if (text.size() >= length)
      if (auto bytes = parse_id(text.substr(text.size() - length))) return bytes;
  return std::nullopt;
}

std::size_t find_dashed(std::string_view text, std::size_t from, IdBytes& id) {
  constexpr std::size_t kFirstDash = 8;
  for (std::size_t dash = text.find('-', from + kFirstDash);
       dash != text.npos && text.size() - dash >= kDashedId - kFirstDash; dash = text.find('-', dash + 1))
    if (codec::read_dashed_digits(text.data() + dash - kFirstDash, DigitCase::either, id.data()))
      return dash - kFirstDash;
  return text.npos;
}

}  // namespace sentinella::logs
