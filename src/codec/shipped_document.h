// What a log shipper sends for one line: names and values, flattened. {"host":{"name":"c1"}} has one field,
// host.name. Arrays, and what is nested too deep, are values in JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::codec {

/// To be used again and again: it keeps its memory. Not thread-safe.
class ShippedDocument {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;  ///< a text, or a JSON literal: 7, true, ["a"]
    bool is_text = true;
  };
  static constexpr std::size_t kMaxFields = 1'000;
  static constexpr int kMaxDepth = 8;

  void clear();
  /// The same field again is a field again.
  void add(std::string_view name, std::string_view text) { put(name, text, true); }
  void add_literal(std::string_view name, std::string_view json) { put(name, json, false); }

  /// Adds the fields of a JSON object. kInvalid: it is none; kTooLarge: over kMaxFields.
  Result<void> read_json(std::string_view object);
  /// Adds the fields of a MessagePack map; texts as they are, whatever their encoding. Errors as read_json().
  Result<void> read_msgpack(std::string_view map);

  std::size_t size() const { return places_.size(); }
  /// Views until the next change.
  Field at(std::size_t index) const;

 private:
  struct Place {
    std::size_t name, name_size, value, value_size;
    bool is_text;
  };
  void put(std::string_view name, std::string_view value, bool is_text);

  std::string bytes_;
  std::vector<Place> places_;
};

}  // namespace sentinella::codec
