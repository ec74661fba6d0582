// Paths into a notification, in the dialect that Ceilometer's definition files use (JSONPath as of Python's
// jsonpath-rw with its extensions):
//
//   $.payload.name   payload.'quoted key'   .*   [0]   [*]   ..name   $.a.(b|c)   $.a | $.b
//   [?key = 'x' & size > 3]   [?(@.name='x')]          elements of a list
//   $.payload.size * 1024     $.payload.a + "_" + $.payload.b
//   .`split(sep, index, max)`  .`sub(/regex/, text)`  .`len`  .`sorted`
//
// A name may hold letters, digits, _, @ and -; a minus is an operator only with a blank before it. Arithmetic
// on strings is concatenation. Compiled once; evaluation is bounded by kMaxFound values and by the nesting of
// the path itself, never by that of the document.
#pragma once

#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/read_plan.h"

namespace sentinella::telemetry {

/// What paths found: values of the document, which must outlive it, and values made on the way.
class Found {
 public:
  Found() = default;
  Found(Found&&) = default;
  Found& operator=(Found&&) = default;

  void add(const boost::json::value& value) { at_.push_back(&value); }
  /// A value that lives as long as this object, not yet part of what is found.
  const boost::json::value& make(boost::json::value value) { return made_.emplace_front(std::move(value)); }
  /// A value that lives as long as this object and is found, unless it is null.
  void add_made(boost::json::value value) {
    if (!value.is_null()) add(make(std::move(value)));
  }

  auto begin() const { return at_.begin(); }
  auto end() const { return at_.end(); }
  std::size_t size() const { return at_.size(); }
  bool empty() const { return at_.empty(); }
  const boost::json::value& operator[](std::size_t i) const { return *at_[i]; }

 private:
  std::forward_list<boost::json::value> made_;  ///< costs nothing as long as it is empty
  boost::container::small_vector<const boost::json::value*, 4> at_;
};

/// A document to look into, and perhaps the values that a plan has given slots to, which need not be in it.
/// Owns nothing.
struct PathSource {
  PathSource(const boost::json::value& all) : document(all) {}
  PathSource(const boost::json::value& rest, const ReadPlan* plan_of, const boost::json::array& values_of)
      : document(rest), plan(plan_of), values(&values_of) {}

  const boost::json::value& document;
  const ReadPlan* plan = nullptr;  ///< nullptr: all is in the document
  const boost::json::array* values = nullptr;
};

/// Immutable, thread-safe.
class JsonPath {
 public:
  static constexpr std::size_t kMaxFound = 10'000;

  /// kInvalid says at which character and what was expected there.
  static Result<JsonPath> compile(std::string_view text);
  ~JsonPath();
  JsonPath(JsonPath&&) noexcept;
  JsonPath& operator=(JsonPath&&) noexcept;

  /// Adds what matches in document order, nulls left out.
  void find(const PathSource& source, Found& found) const;
  /// The first match that is not null; nullptr without one. `found` keeps what had to be made.
  const boost::json::value* first(const PathSource& source, Found& found) const;
  /// Adds what of a message it may read.
  void plan_reading(ReadPlan& plan) const;

 private:
  struct Program;
  explicit JsonPath(std::unique_ptr<Program> program);
  std::unique_ptr<const Program> program_;
  friend class PathCompiler;
  friend class PathRun;
};

}  // namespace sentinella::telemetry
