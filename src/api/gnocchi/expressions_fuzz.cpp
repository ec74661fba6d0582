// Filters, operations and times as text or JSON: whatever comes, an answer and no crash.
#include <cstdint>

#include "api/gnocchi/filter.h"
#include "api/gnocchi/operations.h"
#include "api/gnocchi/time_text.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::api::gnocchi;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Time now{1'772'446'272'000'000'000};
  catalog::ResourceType type;
  type.attributes["host"] = {catalog::AttributeKind::string, true, 0, 255};
  type.attributes["n"] = {catalog::AttributeKind::number, true, {}, {}};
  const FilterContext context{type, "u:p", now};
  catalog::Resource resource;
  if (const auto filter = parse_filter(text, context)) static_cast<void>(filter->matches(resource));
  static_cast<void>(read_operations(boost::json::string(text)));
  static_cast<void>(parse_stamp(text, now));
  static_cast<void>(parse_span(text));
  if (const auto json = parse_json(text)) {
    if (const auto filter = read_filter(*json, context)) static_cast<void>(filter->matches(resource));
    static_cast<void>(read_operations(*json));
  }
  return 0;
}
