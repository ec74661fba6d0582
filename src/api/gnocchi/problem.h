// What is wrong with a request, as Gnocchi says it: a status and a description, which is a sentence or an
// object that programs look into.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "net/http.h"

namespace sentinella::api::gnocchi {

struct Problem {
  int status = 400;
  boost::json::value description;

  Problem(int code, boost::json::value told) : status(code), description(std::move(told)) {}
  /// Of our own layers; what went wrong inside us is not told.
  Problem(const Error& error);
  /// In one line, for a log.
  std::string text() const;
};

template <typename T>
using Outcome = std::expected<T, Problem>;
using Failure = std::unexpected<Problem>;

template <typename... Args>
Failure refuse(int status, fmt::format_string<Args...> text, Args&&... args) {
  return Failure(Problem(status, boost::json::string(fmt::format(text, std::forward<Args>(args)...))));
}
/// {"cause":...,"detail":...}
Failure refuse_because(int status, std::string_view cause, boost::json::value detail);
/// {"cause":...,"reason":...,"detail":...}
Failure refuse_because(int status, std::string_view cause, std::string_view reason,
                       boost::json::value detail);
/// A value of the query part.
Failure bad_argument(std::string_view parameter, std::string_view reason);

/// Where in a document: names and numbers from its top.
using Path = std::vector<std::string>;
Path operator/(Path path, std::string_view step);
Path operator/(Path path, std::size_t index);
/// "Invalid input": the document breaks its form. `reason` gets " @ data['at']['path']" behind it.
Failure invalid_input(std::string_view reason, const Path& path);
/// The same for a value in an object.
Failure invalid_value(std::string_view reason, const Path& path);

/// In the form that the Accept header likes best: text unless it asks for HTML or JSON.
net::Response render(const Problem& problem, std::string_view accept);

/// Whether a header that lists media types ("" = any) takes this one ("application/json").
bool accepts(std::string_view accept, std::string_view type);

}  // namespace sentinella::api::gnocchi
