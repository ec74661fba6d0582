// Lumberjack, versions 1 and 2, of Beats and Logstash over TCP or TLS (codec/lumberjack_frame.h). A window is
// acknowledged when it is durable.
#pragma once

#include <memory>
#include <string>

#include "api/durable_session.h"
#include "api/log_batch.h"

namespace sentinella::api::lumberjack {

std::unique_ptr<net::StreamSession> open_session(Context& server, const LogBatch::Options& options,
                                                 std::shared_ptr<net::StreamLink> link,
                                                 const std::string& peer);

}  // namespace sentinella::api::lumberjack
