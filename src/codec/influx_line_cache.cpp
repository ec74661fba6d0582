#include "codec/influx_line_cache.h"

#include <algorithm>

namespace sentinella::codec {
namespace {

constexpr std::uint32_t kMaxShapeNumber = (1u << 31) - 1;
static_assert(LineSeriesCache::kMaxShapes <= kMaxShapeNumber);

}  // namespace

void LineSeriesCache::begin(std::uint64_t epoch) {
  if (epoch != epoch_) clear();
  epoch_ = epoch;
}

void LineSeriesCache::clear() {
  entries_.clear();
  shapes_.clear();
  shape_numbers_.clear();
  ids_ = {};
}

/// Two shapes are one when names and kinds are the same.
std::uint32_t LineSeriesCache::shape_number(const Shape& shape) {
  std::string name = shape.text;
  for (const Field& field : shape.fields) name += field.sample ? '1' : '0';
  const auto [at, fresh] =
      shape_numbers_.try_emplace(std::move(name), static_cast<std::uint32_t>(shapes_.size()));
  if (fresh) shapes_.push_back(shape);
  return at->second;
}

void LineSeriesCache::remember(const SeriesKey& key, const Shape& shape, std::span<const SeriesId> ids,
                               bool lasting) {
  if (shape.text.size() > kMaxShapeBytes || shape.fields.size() > kMaxShapeFields) return;
  const bool full =
      entries_.size() >= kMaxHeads || shapes_.size() >= kMaxShapes || ids_.size() + ids.size() > kMaxIds;
  if (full) clear();
  const std::uint32_t number = shape_number(shape);
  if (Entry* known = entries_.find(key); known != nullptr && shapes_[known->shape].samples >= ids.size()) {
    std::ranges::copy(ids, ids_.begin() + known->first_id);
    known->shape = number & kMaxShapeNumber;
    known->lasting = lasting;
    return;
  }
  entries_[key] = {number & kMaxShapeNumber, lasting, static_cast<std::uint32_t>(ids_.size())};
  ids_.insert(ids_.end(), ids.begin(), ids.end());
}

}  // namespace sentinella::codec
