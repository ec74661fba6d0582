// What Prometheus posts: every element of the list by itself.
#include "api/alertmanager/posted_alert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const auto body = parse_json({reinterpret_cast<const char*>(data), size});
  if (!body || !body->is_array()) return 0;
  for (const boost::json::value& posted : body->get_array())
    static_cast<void>(api::alertmanager::read_posted(posted, AccountId{1}, Time{1'772'446'272'000'000'000}));
  return 0;
}
