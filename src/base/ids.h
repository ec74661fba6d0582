// 128-bit identifiers in the usual 8-4-4-4-12 text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sentinella {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// Version 4, random (RFC 9562 section 5.4).
Uuid random_uuid();
/// The same name always gives the same id (version 8, from SHA-256).
Uuid uuid_from_name(std::string_view name);
std::string to_text(const Uuid& id);
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace sentinella
