#include <cstddef>
#include <cstdint>

#include "base/json.h"
#include "telemetry/polling/pollster.h"
#include "telemetry/polling/s3_signature.h"

namespace {

using namespace sentinella;
using namespace sentinella::telemetry;

/// Values that are mapped, a list with a meter of each element, sums, the next page, answers in text.
constexpr std::string_view kAsked = R"(
- {name: size, sample_type: gauge, unit: GB, endpoint_type: v, url_path: p, value_attribute: size,
   value_mapping: {ACTIVE: 1}, default_value: -1, skip_sample_values: [""], metadata_fields: [name, a.b],
   metadata_mapping: {name: n}, next_sample_url_attribute: "links[?rel = next].href"}
- {name: "requests.{category}", sample_type: gauge, unit: r, endpoint_type: v, url_path: p,
   response_entries_key: entries, value_attribute: "[categories].ops"}
- {name: zones, sample_type: gauge, unit: z, endpoint_type: v, url_path: p, per_project: true, fold: sum,
   fold_by: zone_id, value_attribute: size}
- {name: text, sample_type: gauge, unit: t, url_path: "http://gateway/", value_attribute: out,
   response_handlers: [json, text]}
)";

void answer(const Pollster& pollster, std::string_view body) {
  const auto read = pollster.read(body);
  if (!read) return;
  static_cast<void>(pollster.joined(pollster.samples(*read, Time{}, "project")));
  static_cast<void>(pollster.details(*read));
  static_cast<void>(pollster.next_url(*read));
}

}  // namespace

// What another program's API answers; the same bytes as a file of pollsters, and as an address to be signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto asked = Pollster::parse_all(kAsked).value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Pollster& pollster : asked) answer(pollster, text);
  static_cast<void>(Pollster::parse_all(text));
  net::Headers headers;
  static_cast<void>(sign_s3_get(std::string(text), {"access", "secret"}, Time{}, headers));
  return 0;
}
