// What tests of publishers share: something to publish, and somebody who takes it.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "model/trait_types.h"
#include "net/http_server.h"
#include "telemetry/publish/publisher.h"

namespace sentinella::telemetry::publish_testing {

inline MeterSample sample(std::string name = "cpu_util", double volume = 12.5) {
  MeterSample made;
  made.name = std::move(name);
  made.unit = "%";
  made.volume = volume;
  made.project_id = "p";
  made.resource_id = "r";
  made.timestamp = {1'700'000'000'000'000'000};
  made.id = "sample-1";
  return made;
}

inline Event event() {
  Event made;
  made.id = "e-1";
  made.type = "image.delete";
  made.time = {1'700'000'000'000'000'000};
  made.traits = {{"size", "5"}, {"name", "img"}, {kTraitTypes, "size=integer"}};
  return made;
}

/// A server that keeps what it is sent.
class Receiver {
 public:
  Receiver() {
    auto started = net::start_http_server(
        {.host = "127.0.0.1", .port = 0},
        [this](net::Request request, net::Respond respond) {
          {
            Lock lock(mutex_);
            requests_.push_back(std::move(request));
          }
          std::this_thread::sleep_for(thinks_for.load());
          std::string body;
          {
            Lock lock(mutex_);
            if (!answers_.empty()) {
              std::tie(status, body) = std::move(answers_.front());
              answers_.pop_front();
            }
          }
          respond({status, {}, body, {}});
        },
        1);
    EXPECT_TRUE(started);
    server_ = *std::move(started);
  }
  ~Receiver() { server_->stop(1s); }
  std::string at(const std::string& scheme, const std::string& rest = "") const {
    return fmt::format("{}://127.0.0.1:{}{}", scheme, server_->port(), rest);
  }
  std::vector<net::Request> requests() const {
    Lock lock(mutex_);
    return requests_;
  }
  /// The next answer; those after the last one have its status.
  void answer(int code, std::string body = "") {
    Lock lock(mutex_);
    answers_.emplace_back(code, std::move(body));
  }
  std::atomic<int> status = 200;
  std::atomic<Duration> thinks_for = Duration(0);  ///< before it answers

 private:
  std::deque<std::pair<int, std::string>> answers_ SENT_GUARDED_BY(mutex_);
  mutable Mutex mutex_;
  std::vector<net::Request> requests_ SENT_GUARDED_BY(mutex_);
  std::unique_ptr<net::HttpServer> server_;
};

inline std::unique_ptr<Publisher> publisher(const std::string& url) {
  auto made = make_publisher(url);
  EXPECT_TRUE(made) << describe(made.error());
  return *std::move(made);
}

}  // namespace sentinella::telemetry::publish_testing
