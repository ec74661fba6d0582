// A text of people's with places that are filled from a document: "sizes of ${payload.name}". $${ stands for
// ${.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/json_path.h"

namespace sentinella::telemetry {

/// What a found value is within other text: a text as it is, anything else as JSON, nothing as "".
std::string text_of_found(const boost::json::value* value);

/// Immutable, thread-safe.
class FilledText {
 public:
  FilledText() { literals_.emplace_back(); }  ///< ""
  /// kInvalid: a ${ without its }, or a path at fault.
  static Result<FilledText> compile(std::string_view text);
  /// A sum of texts and paths as Ceilometer's definitions have it, in Python's words: 'a/' + str(b['c']) +
  /// "/d".
  static Result<FilledText> compile_sum(std::string_view text);

  bool has_paths() const { return !paths_.empty(); }
  /// Nothing but one ${PATH}: then value_in() keeps its type.
  bool is_one_value() const { return paths_.size() == 1 && literals_[0].empty() && literals_[1].empty(); }
  boost::json::value value_in(const boost::json::value& document) const;
  std::string text_in(const boost::json::value& document) const;
  /// `shape` makes of each value the text that goes in; kNotFound names a path that finds nothing.
  using Shape = std::function<Result<std::string>(std::string)>;
  Result<std::string> filled_from(const boost::json::value& document, const Shape& shape) const;

 private:
  Result<void> add_path(std::string_view path);

  std::vector<std::string> literals_;  ///< one more than there are paths
  std::vector<std::string> names_;     ///< of the paths
  std::vector<JsonPath> paths_;
};

}  // namespace sentinella::telemetry
