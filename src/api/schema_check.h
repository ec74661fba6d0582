// For tests: does an answer look as openapi.json says?
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "net/http.h"

namespace sentinella::api {

/// "" when `response` to `method` of the route `pattern` has a documented status and its body the documented
/// form; else what is wrong and where. Knows the subset of JSON Schema that openapi.json uses.
std::string check_against_description(std::string_view method, std::string_view pattern,
                                      const net::Response& response);

/// The parsed openapi.json.
const boost::json::object& description();

}  // namespace sentinella::api
