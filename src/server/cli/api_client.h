// The API as the command line sees it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

namespace sentinella::server {

/// Where the server is and the key to it: options first, then SENTINELLA_URL and SENTINELLA_API_KEY, then
/// DATA/bootstrap.json.
struct ApiAccess {
  std::string url;
  std::string api_key;
  std::string ca_file;
};
Result<ApiAccess> find_access(ApiAccess given, const std::string& data_dir);

/// One call; the answer's JSON (null for an empty body). An error status becomes an Error with the server's
/// message.
Result<boost::json::value> call(const ApiAccess& access, const std::string& method, const std::string& path,
                                const std::string& body = {});

/// GET of an answer without end, in pieces, until it ends or `piece` says false; `last_event_id` "" = none.
Result<void> stream(const ApiAccess& access, const std::string& path, const std::string& last_event_id,
                    const std::function<bool(std::string_view)>& piece);

}  // namespace sentinella::server
