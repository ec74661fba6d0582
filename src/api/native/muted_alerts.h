// What a silence or planned work hides just now.
#pragma once

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
  std::vector<std::string> ids;  ///< of live ones and returned_alarms(), at most 10,000
  Time until;                    ///< when the first of what hides one of them ends; zero = nothing is hidden
};

/// Under the model of ISA 18.2, the newest thousand that are over and that nobody has taken note of yet.
Result<std::vector<Alert>> returned_alarms(const RequestContext& call);

Result<MutedAlerts> muted_alerts(const RequestContext& call);

}  // namespace sentinella::api::native
