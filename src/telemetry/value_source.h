// Where a definition takes a value from: a path, several paths of which each match counts in order, or paths
// with a plug-in between them and the value:
//
//   $.payload.size        {fields: [a, b]}        {fields: [a, b], plugin: {name: split, parameters: {...}}}
//
// Plug-ins, as Ceilometer has them: split {separator ".", segment 0, max_split}; timedelta (two instants, the
// seconds between them); bitfield {initial_bitfield, flags: [{path, bit, value}]}; map {values, default,
// case_sensitive}.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/json_path.h"

namespace sentinella::telemetry {

/// Between what the paths found and what becomes of it. Adds nothing to `found` when it has nothing to say.
class ValuePlugin {
 public:
  virtual ~ValuePlugin() = default;
  virtual void apply(const PathSource& source, const Found& matches, Found& found) const = 0;
  /// Adds what of a message it reads besides the matches.
  virtual void plan_reading(ReadPlan&) const {}
};

/// kInvalid: an unknown plug-in or a parameter that is none of its own.
Result<std::unique_ptr<const ValuePlugin>> make_value_plugin(std::string_view name,
                                                             const boost::json::object& parameters);

/// Immutable, thread-safe.
class ValueSource {
 public:
  enum class PlainText : std::uint8_t {
    path,     ///< every text is a path
    literal,  ///< only a text that begins with $ is; any other is the value itself
  };
  /// `spec`: a text, a number, or an object with `fields` and perhaps `plugin`. The error names what is
  /// wrong.
  static Result<ValueSource> compile(const boost::json::value& spec, PlainText plain);

  /// Adds every value that is not null.
  void find(const PathSource& source, Found& found) const;
  /// The first of them; nullptr without one. `found` keeps what had to be made.
  const boost::json::value* first(const PathSource& source, Found& found) const;
  /// Adds what of a message it may read.
  void plan_reading(ReadPlan& plan) const;
  /// The value itself; nullptr when it is in the document.
  const boost::json::value* literal() const { return paths_.empty() ? &literal_ : nullptr; }

 private:
  ValueSource() = default;
  void run_plugin(const PathSource& source, Found& found) const;

  std::vector<JsonPath> paths_;
  std::unique_ptr<const ValuePlugin> plugin_;
  boost::json::value literal_;  ///< when there are no paths
};

}  // namespace sentinella::telemetry
