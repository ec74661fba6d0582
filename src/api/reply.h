// Making answers.
#pragma once

#include <string>
#include <vector>

#include "api/context.h"
#include "api/parameters.h"
#include "base/json.h"

namespace sentinella::api {

Reply json_reply(std::string body, int status = 200);
Reply no_content();

/// "next_cursor": null when there is no further page.
void write_next_cursor(JsonWriter& json, const std::string& cursor);

/// One page of a whole list: {"items":[...],"total":N}. `write` appends one item's JSON.
template <typename T, typename Write>
Reply list_reply(const std::vector<T>& all, const Page& page, Write&& write) {
  JsonWriter json;
  json.object().key("items").array();
  for (std::size_t i = page.begin(); i < all.size() && i < page.begin() + page.size; ++i) write(json, all[i]);
  json.end().field("total", static_cast<std::uint64_t>(all.size())).end();
  return json_reply(json.take());
}

}  // namespace sentinella::api
