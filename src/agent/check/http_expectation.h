// What an HTTP answer must be like to count as good, when a status below 500 is not enough. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace sentinella::agent {

/// All that is given must hold.
struct HttpExpectation {
  std::vector<std::pair<int, int>> statuses;  ///< ranges, ends included; none = below 500
  std::string body;                           ///< a text that the body contains
  /// Fields of a JSON body and their values, as JSON; "status.db" is the field db of the object status, and
  /// "0" an element of a list.
  std::vector<std::pair<std::string, std::string>> fields;

  bool empty() const { return statuses.empty() && !needs_body(); }
  bool needs_body() const { return !body.empty() || !fields.empty(); }
};

/// The keys `status` (a number, "200-299", or a list of these), `body` and `json` of an object; others are
/// not looked at. kInvalid names the key.
Result<HttpExpectation> parse_expectation(const boost::json::object& object);

/// How much of an answer is looked at, head and body together.
inline constexpr std::size_t kMaxHttpAnswer = 64 << 10;

struct HttpAnswer {
  int status = 0;         ///< 0 = the first line has not come yet
  bool complete = false;  ///< the body has come whole, as far as its head announces it
  bool broken = false;    ///< this is not HTTP/1
  std::string body;       ///< what came of it, without the marks of its pieces
};
/// What came so far of an answer; at most kMaxHttpAnswer.
HttpAnswer read_http_answer(std::string_view received);

/// Why a whole answer is not as expected, in words; "" = it is.
std::string unmet(const HttpExpectation& expectation, const HttpAnswer& answer);

}  // namespace sentinella::agent
