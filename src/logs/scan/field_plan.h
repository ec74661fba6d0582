// Where the records of a shape have a field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logs/block/block_tables.h"
#include "logs/block/id_text.h"

namespace sentinella::logs {

struct FieldPlan {
  enum class Kind : std::uint8_t {
    constant,  ///< `text` in all records; "" when they have no such field
    id,        ///< `text`, then the id of slot `slot`, and nothing more
    number,    ///< the number of slot `slot`, without leading zeros
    other,     ///< must be put together
  };
  Kind kind = Kind::constant;
  std::string text;
  std::uint32_t slot = 0;  ///< in ShapeTable::slots
};

/// For each shape; those of continuation lines get an empty one.
std::vector<FieldPlan> plan_field(const ShapeTable& shapes, Field field);

/// An id as a query writes it, looked up among those of a block.
struct IdWanted {
  std::string_view prefix;  ///< what stands before it: "req-"
  bool dashed = false;
  std::optional<std::uint32_t> index;  ///< nullopt: the block does not have it, or it is none
  bool fits(const FieldPlan& plan, const ShapeTable& shapes) const {
    const bool plan_dashed = shapes.slots[plan.slot].kind == SlotKind::dashed;
    return index && plan_dashed == dashed && plan.text == prefix;
  }
};
IdWanted find_id(std::string_view ids, std::string_view value);
/// Its place among `ids`, 16 bytes each.
std::optional<std::uint32_t> find_id_bytes(std::string_view ids, std::string_view bytes);

}  // namespace sentinella::logs
