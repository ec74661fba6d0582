// The other side at its worst.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "net/http_server.h"

namespace sentinella::telemetry {

/// Takes every request and answers none.
class SilentHost {
 public:
  SilentHost() {
    auto started = net::start_http_server(
        {.host = "127.0.0.1", .port = 0},
        [this](const net::Request&, net::Respond respond) {
          Lock lock(mutex_);
          held_.push_back(std::move(respond));
        },
        1);
    EXPECT_TRUE(started);
    server_ = *std::move(started);
  }
  ~SilentHost() { server_->stop(0s); }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  std::size_t asked() const {
    Lock lock(mutex_);
    return held_.size();
  }

 private:
  mutable Mutex mutex_;
  std::vector<net::Respond> held_ SENT_GUARDED_BY(mutex_);
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace sentinella::telemetry
