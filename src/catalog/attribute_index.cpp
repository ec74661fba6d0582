#include "catalog/attribute_index.h"

#include <algorithm>

namespace sentinella::catalog {
namespace {

std::string key_of(std::string_view name, std::string_view value) {
  std::string key(name);
  key += '\0';
  key += value;
  return key;
}

const std::string* text_of(const Resource& resource, const std::string& name) {
  const auto found = resource.attributes.find(name);
  return found == resource.attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
}

}  // namespace

void AttributeIndex::add(const Resource& resource) {
  for (const std::string& name : names_)
    if (const auto* value = text_of(resource, name)) ids_[key_of(name, *value)].push_back(resource.id);
}

void AttributeIndex::remove(const Resource& resource) {
  for (const std::string& name : names_) {
    const auto* value = text_of(resource, name);
    const auto found = value ? ids_.find(key_of(name, *value)) : ids_.end();
    if (found == ids_.end()) continue;
    std::erase(found->second, resource.id);
    if (found->second.empty()) ids_.erase(found);
  }
}

std::span<const Uuid> AttributeIndex::find(std::string_view name, std::string_view value) const {
  const auto found = ids_.find(key_of(name, value));
  return found == ids_.end() ? std::span<const Uuid>() : found->second;
}

}  // namespace sentinella::catalog
