// What lines of the InfluxDB protocol resolved to before: measurement and tags, as raw bytes -> the ids of
// the fields in the order last seen. Lines that differ only in their tags share one list of field names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "codec/series_key.h"
#include "model/sample_block.h"

namespace sentinella::codec {

/// Not thread-safe; for any number of accounts. Forgets everything when it has grown to its bounds.
class LineSeriesCache {
 public:
  static constexpr std::size_t kMaxHeads = 1'000'000;
  static constexpr std::size_t kMaxIds = 8'000'000;
  static constexpr std::size_t kMaxShapes = 50'000;
  static constexpr std::size_t kMaxShapeBytes = 4'096;  ///< a line with more in field names is not remembered
  static constexpr std::size_t kMaxShapeFields = 128;

  struct Field {
    std::uint32_t offset = 0;  ///< of its name with '=', as sent, in Shape::text
    std::uint32_t size = 0;
    bool sample = false;  ///< false: text
  };
  struct Shape {
    std::string text;
    std::vector<Field> fields;
    std::uint32_t samples = 0;
  };
  struct Entry {
    std::uint32_t shape : 31 = 0;
    std::uint32_t lasting : 1 = 0;  ///< else the ids are good only once they are defined
    std::uint32_t first_id = 0;
  };

  /// Call before use: what was learnt under another epoch of the store is forgotten.
  void begin(std::uint64_t epoch);

  Entry* find(const SeriesKey& key) { return entries_.find(key); }
  const Shape& shape(const Entry& entry) const { return shapes_[entry.shape]; }
  /// As many as the shape has samples.
  std::span<const SeriesId> ids(const Entry& entry) const {
    return {ids_.data() + entry.first_id, shapes_[entry.shape].samples};
  }

  /// Replaces what was known of `key`.
  void remember(const SeriesKey& key, const Shape& shape, std::span<const SeriesId> ids, bool lasting);

 private:
  void clear();
  std::uint32_t shape_number(const Shape& shape);

  SeriesKeyTable<Entry> entries_;
  std::vector<Shape> shapes_;
  std::unordered_map<std::string, std::uint32_t> shape_numbers_;
  std::vector<SeriesId> ids_;
  std::uint64_t epoch_ = 0;
};

}  // namespace sentinella::codec
