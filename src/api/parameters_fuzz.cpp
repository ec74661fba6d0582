// Everything the native API reads from a request before a store sees it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "api/native/logs_request.h"
#include "api/otlp/otlp_door.h"
#include "api/parameters.h"

using namespace sentinella;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  net::Request request;
  request.query = text;
  request.body = text;
  request.headers.set("Content-Type", "application/json");
  const Time now{1'772'446'272'000'000'000};
  if (const auto query = api::Query::read(request, {"from", "to", "page", "page_size"}, {"status"})) {
    if (const auto range = query->range(now, std::nullopt); range && range->until <= range->from)
      std::abort();
    if (const auto page = query->page(); page && page->size > 1000) std::abort();
  }
  if (const auto query = api::Query::read(request, api::native::with_log_filters({})))
    (void)api::native::read_log_request(*query, now, std::nullopt);
  if (const auto id = api::otlp::parse_batch_header(text); id && id->sequence == 0) std::abort();
  (void)api::parse_when(text, now, "from");
  (void)api::json_body(request, {"name"});
  return 0;
}
