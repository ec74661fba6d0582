#include "logs/scan/field_plan.h"

#include <cstring>

namespace sentinella::logs {
namespace {

FieldPlan plan_one(const ShapeTable& table, std::size_t index, Field field) {
  const Shape& shape = table.shapes[index];
  FieldPlan plan;
  if (shape.traits.continuation) return plan;
  if (shape.traits.apart >> static_cast<unsigned>(field) & 1) return {FieldPlan::Kind::other, {}, 0};
  bool inside = false, ended = false;
  std::uint32_t slot = shape.first_slot;
  walk_shape(
      table.texts[index],
      [&](std::string_view literal) {
        if (!inside) return;
        // Text after the id, or a second piece of the field.
        if (plan.kind != FieldPlan::Kind::constant) plan.kind = FieldPlan::Kind::other;
        plan.text += literal;
      },
      [&](Mark mark, std::uint8_t argument) {
        if (mark == Mark::kBegin && static_cast<Field>(argument) == field) {
          if (ended) plan.kind = FieldPlan::Kind::other;
          inside = true;
        } else if (mark == Mark::kEnd && static_cast<Field>(argument) == field) {
          inside = false;
          ended = true;
        } else if (is_slot(mark)) {
          const SlotPlace& place = table.slots[slot];
          const bool id = place.kind == SlotKind::dashed || place.kind == SlotKind::plain;
          if (inside) {
            const bool first = plan.kind == FieldPlan::Kind::constant;
            const bool number = place.kind == SlotKind::number && plan.text.empty();
            plan.kind = first && id       ? FieldPlan::Kind::id
                        : first && number ? FieldPlan::Kind::number
                                          : FieldPlan::Kind::other;
            plan.slot = slot;
          }
          ++slot;
        }
      });
  // A message goes on in the lines that follow.
  if (field == Field::message) plan.kind = FieldPlan::Kind::other;
  return plan;
}

}  // namespace

std::vector<FieldPlan> plan_field(const ShapeTable& shapes, Field field) {
  std::vector<FieldPlan> plans;
  plans.reserve(shapes.shapes.size());
  for (std::size_t i = 0; i < shapes.shapes.size(); ++i) plans.push_back(plan_one(shapes, i, field));
  return plans;
}

std::optional<std::uint32_t> find_id_bytes(std::string_view ids, std::string_view bytes) {
  for (std::size_t at = 0; at + kIdBytes <= ids.size(); at += kIdBytes)
    if (std::memcmp(ids.data() + at, bytes.data(), kIdBytes) == 0)
      return static_cast<std::uint32_t>(at / kIdBytes);
  return std::nullopt;
}

IdWanted find_id(std::string_view ids, std::string_view value) {
  const auto bytes = trailing_id(value);
  if (!bytes) return {};
  const bool dashed = value.size() >= kDashedId && parse_id(value.substr(value.size() - kDashedId));
  return {value.substr(0, value.size() - (dashed ? kDashedId : kPlainId)), dashed,
          find_id_bytes(ids, *bytes)};
}

}  // namespace sentinella::logs
