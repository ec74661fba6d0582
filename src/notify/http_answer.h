// What channels over HTTP share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "net/http.h"
#include "net/http_client.h"

namespace sentinella::notify {

/// What a status means for the sender: success, kUnavailable (again later) or an error that stays. `who`
/// begins the sentence; of the answer's body a short beginning is quoted.
Result<std::string> judge_response(std::string_view who, const net::Response& response);
/// Where a channel posts to.
struct HttpTarget {
  std::string url;
  Duration timeout = std::chrono::seconds(10);
  std::vector<std::pair<std::string, std::string>> headers = {};
};
/// Posts a JSON document and judges the answer. What fails on the way is kUnavailable: a receiver, or its
/// certificate, may be mended.
Result<std::string> post_json(net::HttpClient& client, const HttpTarget& target, std::string body,
                              std::string_view who);

/// An http or https URL of a channel's settings; `fallback` "" = it is required.
Result<std::string> read_url(const boost::json::object& settings, std::string_view fallback = "");
/// timeout_seconds of a channel's settings: 1 to 60, default 10.
Result<Duration> read_timeout(const boost::json::object& settings);

}  // namespace sentinella::notify
