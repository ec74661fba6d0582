#include "codec/lumberjack_frame.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kHead = 2;
constexpr std::uint32_t kMaxPairs = ShippedDocument::kMaxFields;

/// Integers and texts off the front; `short_of` once there was not enough.
class Bytes {
 public:
  explicit Bytes(std::string_view in) : in_(in) {}
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (const char c : take(4)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view take(std::size_t size) {
    if (size > in_.size() - at_) {
      short_of_ = true;
      at_ = in_.size();
      return {};
    }
    at_ += size;
    return in_.substr(at_ - size, size);
  }
  std::size_t at() const { return at_; }
  bool short_of() const { return short_of_; }

 private:
  std::string_view in_;
  std::size_t at_ = 0;
  bool short_of_ = false;
};

std::unexpected<Error> too_large(std::size_t size, std::size_t most) {
  return fail(Errc::kTooLarge, "a Lumberjack frame has {} bytes, at most {}", size, most);
}

Result<void> skip_pairs(Bytes& bytes, std::size_t max_payload) {
  const std::uint32_t pairs = bytes.number();
  if (pairs > kMaxPairs) return fail(Errc::kTooLarge, "a Lumberjack frame has {} fields", pairs);
  for (std::uint32_t i = 0; i < 2 * pairs && !bytes.short_of(); ++i) {
    const std::uint32_t size = bytes.number();
    if (size > max_payload) return too_large(size, max_payload);
    bytes.take(size);
  }
  return {};
}

}  // namespace

Result<std::optional<LumberjackFrame>> read_lumberjack_frame(std::string_view unread,
                                                             std::size_t max_payload) {
  if (unread.empty()) return std::nullopt;
  if (unread[0] != '1' && unread[0] != '2')
    return fail(Errc::kInvalid, "not a Lumberjack frame: its version is byte {}",
                static_cast<unsigned char>(unread[0]));
  if (unread.size() < kHead) return std::nullopt;
  LumberjackFrame frame{.version = unread[0], .payload = {}};
  Bytes bytes(unread);
  bytes.take(kHead);
  if (unread[1] != 'C') frame.number = bytes.number();
  std::size_t begin = bytes.at();
  switch (unread[1]) {
    case 'W':
      frame.kind = LumberjackFrame::Kind::window;
      break;
    case 'D':
      frame.kind = LumberjackFrame::Kind::pairs;
      SENT_TRY(skip_pairs(bytes, max_payload));
      break;
    case 'J':
    case 'C': {
      frame.kind = unread[1] == 'J' ? LumberjackFrame::Kind::json : LumberjackFrame::Kind::compressed;
      const std::uint32_t size = bytes.number();
      if (size > max_payload) return too_large(size, max_payload);
      begin = bytes.at();
      bytes.take(size);
      break;
    }
    default:
      return fail(Errc::kInvalid, "a Lumberjack frame of the unknown type {}",
                  static_cast<unsigned char>(unread[1]));
  }
  if (bytes.short_of()) return std::nullopt;
  frame.size = bytes.at();
  frame.payload = unread.substr(begin, frame.size - begin);
  return frame;
}

Result<void> read_lumberjack_pairs(std::string_view payload, ShippedDocument& out) {
  Bytes bytes(payload);
  for (std::uint32_t left = bytes.number(); left > 0 && !bytes.short_of(); --left) {
    const std::string_view name = bytes.take(bytes.number());
    const std::string_view value = bytes.take(bytes.number());
    if (!bytes.short_of()) out.add(name, value);
  }
  if (bytes.short_of()) return fail(Errc::kInvalid, "the fields of a Lumberjack frame are cut");
  return {};
}

std::string lumberjack_ack(char version, std::uint32_t sequence) {
  std::string out{version, 'A'};
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(sequence >> shift));
  return out;
}

}  // namespace sentinella::codec
