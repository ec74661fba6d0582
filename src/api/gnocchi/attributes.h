// A resource's attributes, as a document has them.
#pragma once

#include "api/gnocchi/call.h"
#include "api/gnocchi/problem.h"

namespace sentinella::api::gnocchi {

/// One value of an attribute of this kind and within its bounds; null is nothing when it is not required.
/// 400.
Outcome<catalog::AttributeValue> read_attribute(const boost::json::value& json,
                                                const catalog::AttributeSpec& spec, const Path& path,
                                                Time now);

/// What an attribute may be: {"type": "string", "required": true, "max_length": 31 ...}; `fill` is taken from
/// its options. 400.
struct DefinedAttribute {
  catalog::AttributeSpec spec;
  const boost::json::value* fill = nullptr;  ///< into the document
};
Outcome<DefinedAttribute> read_attribute_definition(const boost::json::value& json, const Path& path);
Outcome<void> check_attribute_name(std::string_view name, const Path& path);

/// Lays the document's attributes over `resource`. `whole`: those that are required must be there. The fields
/// id and metrics are the caller's. 400.
Outcome<void> read_attributes(const boost::json::object& body, const catalog::ResourceType& type, bool whole,
                              Time now, catalog::Resource& resource);

}  // namespace sentinella::api::gnocchi
