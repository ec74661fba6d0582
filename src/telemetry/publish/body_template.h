// The body of a request made of one event or sample as a file of people's says: how events are forwarded to
// consoles that have an API of their own, such as Zenoss.
//
//   path: /zport/dmd/evconsole_router    put behind the publisher's address
//   headers: {X-Source: sentinella}
//   success: result.success              of the answer; anything but true is a refusal. Without it 2xx will
//   do events:                              any YAML; without it events are not sent
//     summary: "${summary}"
//     text: "${event_type} at ${host}"
//     severity: {$value: {fields: event_type, plugin: {name: map, parameters: {values: {...}, default: 2}}}}
//   samples: ...
//
// A text that is one ${PATH} becomes the value itself, null where there is none; within other text it becomes
// text. $${ is ${. PATH is one of telemetry/json_path.h; $value takes what a trait's definition takes
// (telemetry/value_source.h). They are looked for in
//
//   events    {message_id, event_type, generated, summary, host, service, traits: {name: typed value}}
//   samples   {name, type, unit, volume, resource_id, project_id, user_id, timestamp, resource_metadata ...}
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "telemetry/json_path.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

/// Immutable, thread-safe.
class BodyTemplate {
 public:
  /// kInvalid names the place: "events.data[0].severity".
  static Result<BodyTemplate> parse(std::string_view yaml);
  ~BodyTemplate();
  BodyTemplate(BodyTemplate&&) noexcept;
  BodyTemplate& operator=(BodyTemplate&&) noexcept;

  /// JSON; nullopt: the template says nothing about events, about samples.
  std::optional<std::string> body(const Event& event) const;
  std::optional<std::string> body(const MeterSample& sample) const;
  bool has_events() const { return events_ != nullptr; }
  bool has_samples() const { return samples_ != nullptr; }
  /// Whether an answer of the status 2xx means that it was taken.
  bool accepted(std::string_view answer) const;
  const std::string& path() const { return path_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

 private:
  class Node;
  BodyTemplate();

  std::string path_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::optional<JsonPath> success_;
  std::unique_ptr<const Node> events_, samples_;
};

}  // namespace sentinella::telemetry
