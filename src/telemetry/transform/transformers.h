// How each kind of transformer is made; for make_transformer() alone.
#pragma once

#include <cstdint>
#include <optional>

#include "telemetry/transform/transformer.h"

namespace sentinella::telemetry {

using MadeTransformer = Result<std::unique_ptr<Transformer>>;

/// Holds samples back until `size` are there at a flush. size 0 or 1: until the next flush.
MadeTransformer make_accumulator(const boost::json::object& parameters);
/// source, target: transform/conversion.h.
MadeTransformer make_unit_conversion(const boost::json::object& parameters);
/// The change per second since the sample before, of one meter and resource.
MadeTransformer make_rate_of_change(const boost::json::object& parameters);
/// The change since the sample before; growth_only drops negative ones.
MadeTransformer make_delta(const boost::json::object& parameters);
/// Several samples of a meter and resource as one: size, retention_time, user_id, project_id,
/// resource_metadata, timestamp.
MadeTransformer make_aggregator(const boost::json::object& parameters);
/// One meter out of several of one resource: target.expr.
MadeTransformer make_arithmetic(const boost::json::object& parameters);

/// A count that may be given as a text; nullopt when it is absent. kInvalid names `name`.
Result<std::optional<std::int64_t>> count_parameter(const boost::json::object& parameters,
                                                    std::string_view name);

}  // namespace sentinella::telemetry
