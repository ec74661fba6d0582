// Rows of aggregates as clients get them: [timestamp, granularity, value].
#pragma once

#include <vector>

#include "api/gnocchi/json_text.h"
#include "api/gnocchi/samples.h"

namespace sentinella::api::gnocchi {

/// Inside an array that is open.
void write_rows(JsonText& json, const Points& points, Duration granularity);
/// The same with the letter of a calendar's groups.
void write_calendar_rows(JsonText& json, const Points& points, char group);

/// The policy's roll-ups, from the coarsest; only the one of `granularity` when that is given.
std::vector<catalog::RollUp> chosen_roll_ups(const catalog::ArchivePolicy& policy,
                                             std::optional<Duration> granularity);

/// "Aggregation method 'mean' at granularity '42.0' for metric ... does not exist"
Failure no_such_aggregates(std::string_view method, Duration granularity, const Uuid& metric);

/// Groups for resampling: a span or a calendar's.
struct Regrouping {
  Duration span{};
  char calendar = '\0';
};
/// ?resample=. 400.
Outcome<std::optional<Regrouping>> read_resample(const Call& call);

}  // namespace sentinella::api::gnocchi
