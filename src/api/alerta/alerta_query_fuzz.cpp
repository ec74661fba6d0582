// The parameters of Alerta's lists and of its changes of many alerts at once.
#include "api/alerta/alerta_query.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  net::Request request;
  request.method = "GET";
  request.query.assign(reinterpret_cast<const char*>(data), size);
  const auto query =
      api::alerta::AlertaQuery::read(request, api::alerta::AlarmTerms::of(alerts::AlarmModel::Name::alerta));
  if (!query) return 0;
  Alert alert, other;
  other.resource = other.event = "web01";
  other.extras.tags = {"dc1"};
  query->select({alert, other, alert});
  return 0;
}
