// The forward protocol of Fluentd and Fluent Bit over TCP or TLS (codec/forward_message.h). Chunks are
// acknowledged when they are durable.
#pragma once

#include <memory>
#include <string>

#include "api/durable_session.h"
#include "api/log_batch.h"

namespace sentinella::api::forward {

struct ForwardOptions {
  LogBatch::Options batch;
  std::string shared_key = {};  ///< "" = no handshake
  std::string our_host = {};    ///< as the handshake says it
};

std::unique_ptr<net::StreamSession> open_session(Context& server, const ForwardOptions& options,
                                                 std::shared_ptr<net::StreamLink> link,
                                                 const std::string& peer);

}  // namespace sentinella::api::forward
