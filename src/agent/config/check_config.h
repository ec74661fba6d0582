// How a check is written in the configuration: its URL, or an object that wants more of the answer.
//
//   {"url": "https://cloud:9292/v2/images?limit=1", "token": true, "status": [200, "300-302"],
//    "body": "images", "json": {"first": "/v2/images?limit=1"}, "verify": true, "ca_file":
//    "/etc/ssl/cloud.pem"}
#pragma once

#include <string>
#include <string_view>

#include "agent/check/check_target.h"
#include "base/json.h"

namespace sentinella::agent {

struct CheckConfig {
  std::string url;  ///< "" = as the catalogue knows
  CheckOptions options;
};

/// `field`: how the value is called in errors. kInvalid names the field. What is sent a token must show whom
/// it is over https, unless "verify" is false.
Result<CheckConfig> parse_check(std::string_view field, const boost::json::value& value);

}  // namespace sentinella::agent
