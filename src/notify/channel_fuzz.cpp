// Settings of channels and their templates: the first byte chooses the kind. Nothing is sent.
#include "notify/channel.h"

#include "notify/words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::notify;
  if (size == 0) return 0;
  const std::string_view settings(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto& kinds = channel_kinds();
  static_cast<void>(kinds[data[0] % kinds.size()].make(settings));
  const auto object = sentinella::parse_json_object(settings);
  const auto words = object ? Words::read(*object) : sentinella::fail(sentinella::Errc::kInvalid, "no JSON");
  if (!words) return 0;
  Message message;
  message.alert_json = settings;
  const AlertSummary alert = summarise(settings);
  static_cast<void>(words->title(message, alert));
  static_cast<void>(words->text(message, alert));
  return 0;
}
