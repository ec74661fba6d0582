#include "api/cross_origin.h"

#include <algorithm>

namespace sentinella::api {

std::optional<net::Response> preflight(const net::Request& request, const std::vector<std::string>& allowed) {
  if (request.method != "OPTIONS" || !request.headers.has("Access-Control-Request-Method"))
    return std::nullopt;
  const std::string origin(request.headers.get("Origin"));
  if (std::ranges::find(allowed, origin) == allowed.end()) return std::nullopt;
  net::Response response;
  response.status = 204;
  response.headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
  response.headers.set("Access-Control-Allow-Headers", "authorization, content-type, last-event-id");
  response.headers.set("Access-Control-Max-Age", "600");
  return response;
}

void allow_origin(net::Response& response, const std::string& origin,
                  const std::vector<std::string>& allowed) {
  if (allowed.empty()) return;
  response.headers.set("Vary", response.headers.has("Vary") ? "Accept-Encoding, Origin" : "Origin");
  if (origin.empty() || std::ranges::find(allowed, origin) == allowed.end()) return;
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Expose-Headers", "X-Request-ID, Retry-After, X-Complete");
  response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
}

}  // namespace sentinella::api
