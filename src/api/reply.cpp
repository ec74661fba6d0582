#include "api/reply.h"

namespace sentinella::api {

Reply json_reply(std::string body, int status) {
  Reply reply;
  reply.status = status;
  reply.headers.set("Content-Type", "application/json");
  reply.body = std::move(body);
  return reply;
}

Reply no_content() {
  Reply reply;
  reply.status = 204;
  return reply;
}

void write_next_cursor(JsonWriter& json, const std::string& cursor) {
  json.key("next_cursor");
  if (cursor.empty())
    json.null();
  else
    json.value(cursor);
}

}  // namespace sentinella::api
