// The UI from another site: which origins may call the API from a browser (Fetch standard, CORS protocol).
// Credentials are the bearer token alone; cookies are never taken from another site, so "credentials" is not
// allowed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/http.h"

namespace sentinella::api {

/// The answer to a preflight; nullopt when it is none, or its origin is not among `allowed`.
std::optional<net::Response> preflight(const net::Request& request, const std::vector<std::string>& allowed);
/// Lets the page at `origin` read the response; nothing when the origin is not among `allowed`.
void allow_origin(net::Response& response, const std::string& origin,
                  const std::vector<std::string>& allowed);

}  // namespace sentinella::api
