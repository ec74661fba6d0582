// Root cause and symptom: which alerts follow from which, by what runs on what. A host carries its services;
// the database and the message broker carry every other service of their cloud.
#pragma once

#include "model/alert.h"

namespace sentinella::alerts {

/// A symptom may be noticed this long before its cause is.
inline constexpr Duration kNoticedBefore = std::chrono::minutes(2);

/// Whether others may follow from the alert: it is live, critical, and on a host as a whole (its agent is
/// silent, it is unreachable), or on a database or broker.
bool may_cause(const Alert& alert);
/// Whether `symptom` follows from `cause`, which may_cause().
bool follows_from(const Alert& symptom, const Alert& cause);
/// Of two causes of one symptom the nearer to the root: host, database, broker.
bool is_deeper(const Alert& a, const Alert& b);

}  // namespace sentinella::alerts
