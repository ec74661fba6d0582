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
  event.traits.write(writer);
  return row;
}

Result<Event> decode_event_row(std::string_view row) {
  ByteReader reader(row);
  Event event;
  event.time.ns = reader.fixed<std::int64_t>();
  for (std::string* field :
       {&event.id, &event.type, &event.host, &event.service, &event.summary, &event.origin})
    *field = reader.text();
  event.traits = Traits::read(reader);
  if (!reader.ok() || !reader.at_end())
    return fail(Errc::kCorrupt, "an event of {} bytes is damaged", row.size());
  return event;
}

}  // namespace sentinella::events
