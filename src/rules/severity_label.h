// The labels by which Prometheus' rules and alerts say how bad something is.
#pragma once

#include <string_view>

#include "model/alert.h"
#include "model/labels.h"

namespace sentinella::rules {

/// What we make of the label `severity`: critical, page -> critical; error, high -> major; info ->
/// informational; others warning.
AlertSeverity severity_of_label(std::string_view label);
/// The label `tier`, else by severity: critical pages, informational tells nobody.
Tier tier_of_labels(const Labels& labels, AlertSeverity severity);

}  // namespace sentinella::rules
