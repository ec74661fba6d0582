// Which resources are asked for: a tree of comparisons, written in JSON
//   {"and": [{"=": {"project_id": "p1"}}, {"not": {"like": {"host": "cmp%"}}}]}
// or as text
//   project_id = "p1" and not host like 'cmp%'
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/gnocchi/problem.h"
#include "catalog/resource.h"

namespace sentinella::api::gnocchi {

/// An attribute of a resource under the name that clients know; nullopt: there is none of that name.
std::optional<catalog::AttributeValue> attribute_of(const catalog::Resource& resource, std::string_view name);
/// Its kind; nullopt: neither a common attribute nor one of the type.
std::optional<catalog::AttributeKind> attribute_kind(const catalog::ResourceType& type,
                                                     std::string_view name);

/// Less, equal or greater, nothing before everything else; only for values of one kind.
std::weak_ordering compare(const catalog::AttributeValue& a, const catalog::AttributeValue& b);

struct Filter {
  enum class Op { all, eq, ne, lt, le, gt, ge, like, in, and_, or_, not_ };
  Op op = Op::all;
  std::string attribute;
  std::vector<catalog::AttributeValue> values;  ///< one, or those of `in`
  std::vector<Filter> parts;                    ///< of and, or, not

  bool matches(const catalog::Resource& resource) const;
};

struct FilterContext {
  const catalog::ResourceType& type;
  std::string creator;  ///< whose ids are meant when an id is not a UUID (resource_id.h)
  Time now;
};

/// 400 naming the place. At most 32 levels and 10,000 comparisons.
Outcome<Filter> read_filter(const boost::json::value& json, const FilterContext& context);
Outcome<Filter> parse_filter(std::string_view text, const FilterContext& context);
/// The JSON that a text means.
Outcome<boost::json::value> parse_filter_text(std::string_view text);

/// SQL's LIKE: % for any text, _ for any character.
bool like(std::string_view pattern, std::string_view text);

}  // namespace sentinella::api::gnocchi
