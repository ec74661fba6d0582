// Which alerts something is about: matchers on their labels, in Alertmanager's forms.
//
// Labels of an alert: alertname or event, severity, environment, resource, host, service, tier, rule, group,
// origin, status, instance; and those that its sender gave. A label that it has not is "". Of what an alert
// may have several, "tag:NAME" and "service:NAME" are "true" when it has that one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "model/alert.h"
#include "model/compiled_matcher.h"

namespace sentinella::notify {

std::string label_of(const Alert& alert, std::string_view name);
/// Every label that label_of() knows of the alert, as Alertmanager's API shows them.
Labels labels_of(const Alert& alert);
/// Whether its labels say what it is called; those of our own rules name its team or its series at most.
bool labelled_by_sender(const Alert& alert);

/// All must hold. Copies share compiled expressions.
class Matchers {
 public:
  static constexpr std::size_t kMost = 50;
  static constexpr std::size_t kMaxText = 1000;

  /// [{"name":"host","value":"compute.*","isRegex":true,"isEqual":true}]; isRegex is false and isEqual true
  /// when absent. kInvalid names the field.
  static Result<Matchers> from_json(const boost::json::value& value, std::string_view field);
  /// name=value, name!=value, name=~regex, name!~regex; the value may be in double quotes.
  static Result<Matchers> from_text(const std::vector<std::string>& texts, std::string_view field);

  bool match(const Alert& alert) const;
  bool empty() const { return all_.empty(); }
  /// Everything matches an alert that has none of the labels: it would hide what nobody has thought of.
  bool matches_nothing_in_particular() const;
  void write(JsonWriter& json) const;  ///< the JSON form

 private:
  Result<void> add(LabelMatcher matcher, std::string_view field);
  std::vector<CompiledMatcher> all_;
};

}  // namespace sentinella::notify
