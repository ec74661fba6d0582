// Streams outlive the request that opened them: whether they may go on.
#pragma once

#include <functional>

#include "api/context.h"

namespace sentinella::api::native {

/// To be asked now and then: whether the user or key that opened the stream still exists with the same
/// rights, and the stream is not an hour old. Then it is opened afresh, with a fresh token, and resumes.
std::function<bool()> stream_rights(const RequestContext& call);

}  // namespace sentinella::api::native
