#include <cstddef>
#include <cstdint>

#include "agent/plugin/declared_run.h"
#include "agent/plugin/manifest.h"
#include "agent/plugin/output.h"
#include "agent/plugin/text_pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<Label> labels = {{"host", "h"}};
  static_cast<void>(parse_plugin_json(text, labels, Time{}));
  static_cast<void>(parse_plugin_lines(text, labels, Time{}));
  static_cast<void>(parse_nagios(text, labels, Time{}));
  static_cast<void>(parse_manifest(text));
  HttpCall http;
  http.each = "a.b";
  http.metrics = {{"m", "c.0"}};
  http.labels = {{"l", "d"}};
  static_cast<void>(read_http_json(http, text, labels, Time{}));
  static_cast<void>(read_exposition(text, true, labels, Time{}));
  PatternCall call;
  call.regex = R"((?P<k>\w+)=(?P<v>\S+))";
  call.metrics = {{"m", "v"}};
  call.labels = {"k"};
  call.event_type = "e";
  call.event_summary = "{k} {v} {x";
  static const auto pattern = TextPattern::create(call);
  static_cast<void>(pattern->read(text, labels, Time{}));
  return 0;
}
