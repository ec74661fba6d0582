#include "api/gnocchi/rows.h"

#include <algorithm>

#include "api/gnocchi/things.h"
#include "api/gnocchi/time_text.h"

namespace sentinella::api::gnocchi {
namespace {

void write(JsonText& json, const Points& points, const std::string& granularity) {
  std::string row;
  for (std::size_t i = 0; i < points.size(); ++i) {
    row = "[\"";
    append_iso(row, points.times[i]);
    row += "\", ";
    row += granularity;
    row += ", ";
    const double value = points.values[i];
    if (std::isfinite(value)) {
      row += number_text(value);
      row += ']';
      json.raw(row);
    } else {
      json.array().value(iso_text(points.times[i])).raw(granularity).value(value).end();
    }
  }
}

}  // namespace

void write_rows(JsonText& json, const Points& points, Duration granularity) {
  write(json, points, number_text(static_cast<double>(granularity.count()) / 1e9));
}

void write_calendar_rows(JsonText& json, const Points& points, char group) {
  write(json, points, std::string{'"', group, '"'});
}

std::vector<catalog::RollUp> chosen_roll_ups(const catalog::ArchivePolicy& policy,
                                             std::optional<Duration> granularity) {
  std::vector<catalog::RollUp> chosen = policy.roll_ups;
  if (granularity) std::erase_if(chosen, [&](const auto& one) { return one.granularity != *granularity; });
  std::ranges::sort(chosen, std::ranges::greater(), &catalog::RollUp::granularity);
  return chosen;
}

Failure no_such_aggregates(std::string_view method, Duration granularity, const Uuid& metric) {
  return refuse(404, "Aggregation method '{}' at granularity '{}' for metric {} does not exist", method,
                number_text(static_cast<double>(granularity.count()) / 1e9), to_text(metric));
}

Outcome<std::optional<Regrouping>> read_resample(const Call& call) {
  const auto text = call.query.first("resample");
  if (!text) return std::nullopt;
  if (text->size() == 1 && kCalendarGroups.contains(text->front())) return Regrouping{{}, text->front()};
  SENT_TRY_ASSIGN(const auto span, span_parameter(call, "resample"));
  return Regrouping{*span, '\0'};
}

}  // namespace sentinella::api::gnocchi
