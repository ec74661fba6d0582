// Bodies of measures: whatever comes, rows and groups fit together.
#include <cstdint>
#include <cstdlib>

#include "api/gnocchi/measures_body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::api::gnocchi;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto read : {&read_measures, &read_metric_batch, &read_resource_batch}) {
    std::string body = text;
    const auto rows = read(body, Time{1'772'446'272'000'000'000});
    if (!rows) continue;
    if (rows->times.size() != rows->values.size()) std::abort();
    for (const auto& group : rows->groups)
      if (group.first + group.count > rows->times.size()) std::abort();
  }
  return 0;
}
