// A response's status line and headers as bytes, and the responses that the server makes of its own accord.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

namespace sentinella::net {

struct HeadOptions {
  bool head_request = false;  ///< the body will not be sent
  bool keep_alive = true;
  int minor_version = 1;  ///< the request's
  Time now;               ///< for the Date header
};

/// Up to and with the empty line. Content-Length, Transfer-Encoding, Connection and Date are decided here;
/// what the handler set of these is left out, save Content-Length in a bodiless answer to HEAD. A header that
/// would break the framing is left out.
std::string serialize_head(const Response& response, const HeadOptions& options);

/// {"error":{"code":...,"message":...}}. `message` is our own text: no quotes, no control characters.
Response error_response(int status, std::string_view code, std::string_view message);
/// For an error of the message parser: 400, 413, 431, 501 or 505.
Response error_response(const Error& error);

}  // namespace sentinella::net
