#include "events/embedded/event_row.h"

#include "base/bytes.h"

namespace sentinella::events {

std::string encode_event_row(const Event& event) {
  std::string row;
  ByteWriter writer(row);
  writer.fixed(event.time.ns);
  for (const std::string* field :
       {&event.id, &event.type, &event.host, &event.service, &event.summary, &event.origin})
    writer.text(*field);
  writer.varint(event.traits.size());
  for (const Label& trait : event.traits) writer.text(trait.name), writer.text(trait.value);
  return row;
}

Result<Event> decode_event_row(std::string_view row) {
  ByteReader reader(row);
  Event event;
  event.time.ns = reader.fixed<std::int64_t>();
  for (std::string* field :
       {&event.id, &event.type, &event.host, &event.service, &event.summary, &event.origin})
    *field = reader.text();
  for (std::uint64_t count = reader.varint(); count > 0 && reader.ok(); --count) {
    Label& trait = event.traits.emplace_back();
    trait.name = reader.text();
    trait.value = reader.text();
  }
  if (!reader.ok() || !reader.at_end())
    return fail(Errc::kCorrupt, "an event of {} bytes is damaged", row.size());
  return event;
}

}  // namespace sentinella::events
