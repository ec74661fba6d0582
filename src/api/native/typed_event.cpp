#include "api/native/typed_event.h"

#include "base/text.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kPage = 10'000, kMaxCounted = 200'000;

}  // namespace

void write_trait_value(JsonWriter& json, const TypedTrait& trait) {
  const bool number = trait.type == TraitType::integer || trait.type == TraitType::real;
  // Whole numbers may be longer than a double is exact.
  if (number && parse_double(trait.value) &&
      trait.value.find_first_not_of("0123456789+-.eE") == std::string::npos)
    json.raw(trait.value);
  else
    json.value(trait.value);
}

Result<EventCensus> count_event_types(const RequestContext& call, TimeRange range) {
  EventCensus census;
  events::EventQuery wanted;
  wanted.range = range;
  wanted.limit = kPage;
  for (std::size_t counted = 0;;) {
    SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, wanted));
    for (const Event& event : page.events) ++census.types[event.type];
    counted += page.events.size();
    wanted.cursor = page.next_cursor;
    if (wanted.cursor.empty()) return census;
    if (counted >= kMaxCounted) {
      census.complete = false;
      return census;
    }
  }
}

}  // namespace sentinella::api::native
