// What is metered: resources of some type, each with the history of its attributes; the metrics of resources;
// and the policies that say how a metric is rolled up, and for how long.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace sentinella::catalog {

/// A metric's values, one for each `granularity`.
struct RollUp {
  Duration granularity{};
  std::optional<std::uint64_t> points;  ///< how many are kept; absent = all

  /// How long they are kept, counted from the newest one.
  std::optional<Duration> span() const {
    if (!points) return std::nullopt;
    return granularity * static_cast<std::int64_t>(*points);
  }
  friend bool operator==(const RollUp&, const RollUp&) = default;
};

struct ArchivePolicy {
  std::string name;
  std::int64_t back_window = 0;  ///< coarsest granularities that a sample may come late by
  std::vector<std::string> methods;
  std::vector<RollUp> roll_ups;  ///< in the order given
};

/// The policy of metrics that are made without one, by their name.
struct PolicyRule {
  std::string name;
  std::string pattern;  ///< glob
  std::string policy;
};

enum class AttributeKind : std::uint8_t { string, uuid, number, boolean, datetime };
std::string_view to_string(AttributeKind kind);
std::optional<AttributeKind> parse_attribute_kind(std::string_view text);

struct AttributeSpec {
  AttributeKind kind = AttributeKind::string;
  bool required = true;
  std::optional<double> min, max;  ///< of a number, or of a text's length
};

/// A uuid is its text; nothing is the absence of a value.
using AttributeValue = std::variant<std::monostate, bool, double, std::string, Time>;

/// Of one resource, of those of one type, or of all.
struct WhosePast {
  std::optional<Uuid> id{};
  std::string type{};  ///< "" = any
};

struct ResourceType {
  std::string name;
  std::map<std::string, AttributeSpec> attributes;  ///< beside those that every resource has
};

/// The type that every resource is of.
inline constexpr std::string_view kGenericType = "generic";

/// A resource as it was during one revision.
struct Resource {
  Uuid id;
  std::int64_t revision = 1;  ///< 1, 2, 3 ...
  std::string type;
  std::string original_id;  ///< as its maker called it
  std::string creator;
  std::optional<std::string> user_id, project_id;
  Time started_at;
  std::optional<Time> ended_at;
  Time revision_start;
  std::optional<Time> revision_end;                  ///< absent in the current one
  std::map<std::string, AttributeValue> attributes;  ///< of its type; those without value may be absent
};

struct Metric {
  Uuid id;
  std::optional<std::string> name;  ///< unique in its resource
  std::optional<std::string> unit;
  std::string creator;
  std::optional<Uuid> resource;
  std::string policy;
};

}  // namespace sentinella::catalog
