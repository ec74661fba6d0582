// What channels over HTTP share.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "net/http.h"

namespace sentinella::notify {

/// What a status means for the sender: success, kUnavailable (again later) or an error that stays. `who`
/// begins the sentence; of the answer's body a short beginning is quoted.
Result<std::string> judge_response(std::string_view who, const net::Response& response);
/// timeout_seconds of a channel's settings: 1 to 60, default 10.
Result<Duration> read_timeout(const boost::json::object& settings);

}  // namespace sentinella::notify
