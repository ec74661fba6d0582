#include "telemetry/filled_text.h"
#include "telemetry/polling/host_command.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::telemetry;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const boost::json::value scope{{"sample", {{"id", "a b"}, {"n", 4}}}};
  for (const auto& made : {FilledText::compile(text), FilledText::compile_sum(text)})
    if (made) (void)made->text_in(scope);
  if (const auto command = HostCommand::compile(boost::json::value(text))) (void)command->words_for(scope);
  return 0;
}
