// A request's body without its content coding.
#pragma once

#include <string>

#include "base/result.h"
#include "net/http.h"

namespace sentinella::api {

inline constexpr std::size_t kMaxUnpackedBody = 64u << 20;

/// Takes the body out of the request: none, gzip or zstd. kUnsupported: another coding; kTooLarge: over
/// kMaxUnpackedBody; kInvalid: not what its coding says.
Result<std::string> take_body(net::Request& request);

}  // namespace sentinella::api
