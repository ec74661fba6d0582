// What the folder's tests share: notifications made by hand, and those of a real cloud.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"
#include "telemetry/notification.h"

namespace sentinella::telemetry {

/// The lines of a file in testdata.
inline std::vector<std::string> testdata_lines(const std::string& name) {
  std::ifstream file(std::string(SENTINELLA_TESTDATA) + "/" + name);
  EXPECT_TRUE(file) << name;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// Bodies as they came from RabbitMQ of an OpenStack Zed (nova, neutron, glance, keystone, ceilometer).
inline const std::vector<std::string>& recorded_bodies() {
  static const std::vector<std::string> bodies = testdata_lines("notifications.jsonl");
  return bodies;
}

/// The inner object, with `payload` as given.
inline std::string inner_message(const std::string& event_type, const std::string& payload,
                                 const std::string& priority = "INFO") {
  return R"({"message_id":"m-1","publisher_id":"compute.compute1","event_type":")" + event_type +
         R"(","priority":")" + priority +
         R"(","timestamp":"2026-01-02 03:04:05.678901","_unique_id":"u-1",)" +
         R"("_context_user_id":"user-1","_context_project_id":"project-1","_context_request_id":"req-1",)" +
         R"("payload":)" + payload + "}";
}

inline std::string envelope(const std::string& inner, const std::string& version = "2.0") {
  JsonWriter json;
  json.object().field("oslo.version", version).field("oslo.message", inner).end();
  return json.take();
}

inline Notification notification(const std::string& event_type, const std::string& payload,
                                 const std::string& priority = "INFO") {
  auto parsed = parse_notification(inner_message(event_type, payload, priority));
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return *std::move(parsed);
}

}  // namespace sentinella::telemetry
