// Silences, rotas, escalations, inhibitions and settings, as operators and amtool send them: the first byte
// chooses which. What is taken can be used at any time.
#include "notify/policy.h"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  static constexpr std::array<std::string_view, 7> kKinds{
      "silence", "maintenance", "inhibition", "escalation", "rota", "settings", "team"};
  if (size == 0) return 0;
  catalog::PolicyItem item;
  item.kind = kKinds[data[0] % kKinds.size()];
  item.id = "1";
  item.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  item.starts = Time{1'772'446'272'000'000'000};
  item.ends = item.starts + std::chrono::hours(24 * 365);
  if (!notify::check_policy(item)) return 0;
  const notify::Policy policy = notify::read_policy({item});
  for (int hour = 0; hour < 200; hour += 13) {
    const Time now = item.starts + std::chrono::hours(hour);
    for (const notify::Mute& mute : policy.mutes) {
      static_cast<void>(mute.window(now));
      static_cast<void>(mute.matchers.match(Alert()));
    }
    for (const notify::Rota& rota : policy.rotas) {
      static_cast<void>(rota.on_call(now));
      static_cast<void>(rota.next_handover(now));
    }
    static_cast<void>(policy.may_acknowledge("kim", now));
  }
  Alert page;
  page.tier = Tier::page;
  static_cast<void>(policy.escalation(page));
  static_cast<void>(policy.team(page));
  static_cast<void>(policy.tier_of(page));
  if (policy.settings.report) static_cast<void>(policy.settings.report->window(item.starts));
  return 0;
}
