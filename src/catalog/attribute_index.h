// Resources found by the text of an attribute, for the few attributes by which that is needed often.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "catalog/resource.h"

namespace sentinella::catalog {

/// Not thread-safe.
class AttributeIndex {
 public:
  AttributeIndex() = default;
  explicit AttributeIndex(std::set<std::string> names) : names_(std::move(names)) {}

  void add(const Resource& resource);
  void remove(const Resource& resource);
  /// In no particular order; holds until the next change. Nothing for an attribute that is not indexed.
  std::span<const Uuid> find(std::string_view name, std::string_view value) const;

 private:
  std::set<std::string> names_;
  std::unordered_map<std::string, std::vector<Uuid>> ids_;  ///< by name and value
};

}  // namespace sentinella::catalog
