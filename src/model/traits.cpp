#include "model/traits.h"

#include <algorithm>

namespace sentinella {

Traits::Traits(std::initializer_list<Trait> traits) {
  for (const Trait& trait : traits) add(trait);
}

void Traits::add(std::string_view name, std::string_view value) {
  ByteWriter out(bytes_);
  out.text(name);
  out.text(value);
  ++count_;
}

std::string_view Traits::get(std::string_view name) const {
  for (const Trait& trait : *this)
    if (trait.name == name) return trait.value;
  return {};
}

void Traits::write(ByteWriter& out) const {
  out.varint(count_);
  out.raw(bytes_);
}

Traits Traits::read(ByteReader& in) {
  const std::uint64_t count = in.varint();
  const std::string_view from = in.rest();
  // Each takes two bytes and more: a count that lies ends with the input.
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    in.text();
    in.text();
  }
  Traits out;
  if (!in.ok()) return out;
  out.bytes_ = from.substr(0, from.size() - in.rest().size());
  out.count_ = count;
  return out;
}

bool operator==(const Traits& a, const Traits& b) {
  return std::ranges::equal(a, b);
}

}  // namespace sentinella
