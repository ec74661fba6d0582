// The bodies of Alerta's API: reports, heartbeats, actions on one alert and on many. What is taken can be
// shown again.
#include "api/alerta/alerta_parts.h"

#include <cstdlib>

#include "api/alerta/alerta_alert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::api::alerta;
  constexpr Time kNow{1'772'446'272'000'000'000};
  const auto body = parse_json_object({reinterpret_cast<const char*>(data), size});
  if (!body) return 0;
  Alert alert;
  for (const auto& edit : {tag_edit(*body, true), attribute_edit(*body), tag_edit(*body, false)})
    if (edit) static_cast<void>((*edit)(alert));
  for (const auto model : {alerts::AlarmModel::Name::alerta, alerts::AlarmModel::Name::isa_18_2}) {
    const AlarmTerms& terms = AlarmTerms::of(model);
    JsonWriter json;
    write_alert(json, alert, terms);
    if (!parse_json(json.take())) std::abort();
    static_cast<void>(read_status(*body, terms));
    static_cast<void>(read_alert(*body, terms, {"Production", "Development"}, AccountId{1}, kNow));
  }
  static_cast<void>(read_action(*body));
  const auto beat = read_heartbeat(*body, AccountId{1}, kNow);
  if (beat && (!parse_json(beat->tags) || !parse_json(beat->attributes) || beat->timeout < Duration{}))
    std::abort();
  return 0;
}
