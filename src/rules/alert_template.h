// The templates of Prometheus' labels and annotations: the part of Go's text/template that alert rules use
// (prometheus.io/docs, "Template reference"). Actions in {{ }}: $labels.name, $value, .Labels, .Value,
// $externalLabels, $externalURL, literals, pipelines, parentheses, if / else if / else / end, comments, trim
// markers, and the functions humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp,
// title, toUpper, toLower, stripPort, stripDomain, match, reReplaceAll, printf, print, parseDuration, eq, ne,
// lt, le, gt, ge, and, or, not, len. Those that ask the store (query, first, value ...) and range are left
// out: an alert's text must follow from the journal alone.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/labels.h"

namespace sentinella::rules {

/// kInvalid: braces that do not end, an `if` without its end. What only the values can show is no fault here.
Result<void> check_template(std::string_view text);

struct TemplateValues {
  const Labels& labels;
  double value = 0;
  std::string_view external_url;
};
/// Never fails: what cannot be expanded becomes "<error expanding template: why>", as in Prometheus.
std::string expand_template(std::string_view text, const TemplateValues& values);

}  // namespace sentinella::rules
