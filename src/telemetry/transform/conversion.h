// What unit_conversion, rate_of_change, delta and aggregator have in common: renaming a sample and scaling
// its volume, as the parameters `source` and `target` say.
//
//   source: {unit, map_from: {name: regex, unit: regex}}
//   target: {name, unit, type, scale: number | expression, max, map_to: {name, unit}}
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/expression.h"
#include "telemetry/meter_sample.h"

namespace re2 {
class RE2;
}

namespace sentinella::telemetry {

/// The sample's fields as names of an expression: volume, unit, resource_metadata.x ...
ExpressionValue sample_field(const MeterSample& sample, const std::vector<std::string>& path);

/// Immutable, thread-safe.
class Conversion {
 public:
  static Result<Conversion> make(const boost::json::object& parameters);

  /// Name, unit and type as they come out; the volume as it is.
  MeterSample renamed(const MeterSample& sample) const;
  /// A number scales `volume`; an expression gives the new volume itself; neither keeps it. kInvalid: the
  /// expression has no value.
  Result<double> scaled(const MeterSample& sample) const;
  /// A number or the expression's value, by which a rate is multiplied; 1 without either.
  Result<double> factor(const MeterSample& sample) const;
  double capped(double volume) const { return max_ != 0 && volume > max_ ? max_ : volume; }
  /// Whether `source` wants samples of another unit.
  bool other_unit(const MeterSample& sample) const { return source_unit_ && *source_unit_ != sample.unit; }
  const std::optional<std::string>& target_name() const { return name_; }

 private:
  struct Mapping {
    std::shared_ptr<const re2::RE2> from;
    std::string to;
    std::string apply(const std::string& text) const;
  };
  static Result<std::optional<Mapping>> mapping(const boost::json::object& source,
                                                const boost::json::object& target, std::string_view what);
  Result<void> read_scale(const boost::json::value& scale);

  std::optional<std::string> source_unit_, name_, unit_;
  std::optional<Mapping> name_mapping_, unit_mapping_;
  std::optional<MeterType> type_;
  std::optional<double> number_;
  std::optional<Expression> expression_;
  double max_ = 0;
};

}  // namespace sentinella::telemetry
