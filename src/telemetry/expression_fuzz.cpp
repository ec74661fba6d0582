#include "telemetry/expression.h"
#include "telemetry/json_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::telemetry;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto expression = Expression::parse(text))
    (void)expression->number([](const ExpressionName&) { return ExpressionValue(1.5); });
  static const boost::json::value document{{"a", {1, 2, {{"b", "c.d"}}}}, {"b", "text"}};
  if (const auto path = JsonPath::compile(text)) {
    Found found;
    path->find(document, found);
  }
  return 0;
}
