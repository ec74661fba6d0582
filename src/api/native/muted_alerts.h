// What a silence or planned work hides just now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "notify/policy.h"

namespace sentinella::api::native {

/// The silences, maintenances and blackouts of the caller's account that hold at this moment.
class ActiveMutes {
 public:
  static Result<ActiveMutes> read(const RequestContext& call);

  bool hide(const Alert& alert) const;
  /// When the first of those that hide the alert ends; zero = none does.
  Time until(const Alert& alert) const;
  /// "maintenance" or "blackout" that a whole node is under, "" = neither.
  std::string_view planned(const std::string& host, const std::string& cloud) const;
  bool empty() const { return mutes_.empty(); }

 private:
  struct Active {
    notify::Mute mute;
    Time until;
  };
  std::vector<Active> mutes_;
};

struct MutedAlerts {
  /// Of live ones and of the newest 10,000 that returned, at most 10,000.
  std::vector<std::string> ids;
  Time until;  ///< when the first of what hides one of them ends; zero = nothing is hidden
};

struct ReturnedAlarms {
  std::size_t all = 0;
  std::size_t hidden = 0;  ///< of the newest 10,000 of the account
};
/// Alarms that are over and that nobody has taken note of yet, by cloud; nullopt: only the model of ISA 18.2
/// knows such.
Result<std::optional<std::map<std::string, ReturnedAlarms>>> count_returned(const RequestContext& call,
                                                                            const ActiveMutes& mutes);

Result<MutedAlerts> muted_alerts(const RequestContext& call);

}  // namespace sentinella::api::native
