#include "api/native/secrets.h"

namespace sentinella::api::native {

boost::json::object mask_secrets(boost::json::object settings, const std::vector<std::string_view>& secrets) {
  for (const auto name : secrets)
    if (auto* value = settings.if_contains(name)) *value = kMasked;
  return settings;
}

Result<boost::json::object> restore_secrets(boost::json::object settings, const boost::json::object& old,
                                            const std::vector<std::string_view>& secrets) {
  for (const auto name : secrets) {
    auto* value = settings.if_contains(name);
    if (value == nullptr || !value->is_string() || std::string_view(value->get_string()) != kMasked) continue;
    const auto* before = old.if_contains(name);
    if (before == nullptr)
      return fail_field(Errc::kInvalid, name, "is \"***\", which keeps the old value, and there is none");
    *value = *before;
  }
  return settings;
}

}  // namespace sentinella::api::native
