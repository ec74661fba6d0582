// Matchers as text and as JSON: what was read and written is read again, and means the same.
#include "notify/matcher.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using notify::Matchers;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Alert alert;
  alert.host = "c1";
  alert.event = "DiskFull";
  const auto json = parse_json(text);
  for (const auto& read : {Matchers::from_text({text}, "filter"),
                           json ? Matchers::from_json(*json, "matchers") : fail(Errc::kInvalid, "no JSON")}) {
    if (!read) continue;
    JsonWriter first, second;
    read->write(first);
    const auto again = Matchers::from_json(*parse_json(first.str()), "matchers");
    if (!again || again->match(alert) != read->match(alert)) std::abort();
    again->write(second);
    if (first.str() != second.str()) std::abort();
  }
  return 0;
}
