// What OpenStack's services publish on the message bus: oslo.messaging's notification envelopes.
//
// Version 2 (driver messagingv2): {"oslo.version": "2.0", "oslo.message": "<JSON text>"}; version 1 (driver
// messaging): the inner object itself. The inner object has message_id, publisher_id, event_type, priority,
// payload, timestamp (UTC, mostly without a zone) and the caller's context as _context_*.
// Source: oslo.messaging, oslo_messaging/_drivers/common.py and notify/messaging.py.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"
#include "telemetry/json_path.h"
#include "telemetry/read_plan.h"

namespace sentinella::telemetry {

inline constexpr std::size_t kMaxNotificationBytes = 16u << 20;
inline constexpr std::size_t kMaxNotificationDepth = 64;

struct Notification {
  /// {"ctxt": {...}, "publisher_id", "event_type", "payload", "metadata": {"message_id", "timestamp"}}: what
  /// the paths of definition files begin from. With a plan ctxt and payload hold what it says, no more.
  boost::json::value document;
  const ReadPlan* plan = nullptr;  ///< what `values` are; nullptr: all is in the document
  boost::json::array values;
  std::string message_id;
  std::string publisher_id;
  std::string event_type;
  std::string priority;  ///< lower case: "info", "error", "sample" ...
  Time generated;

  PathSource source() const { return {document, plan, values}; }
  const boost::json::value& payload() const { return document.get_object().at("payload"); }
  /// A member of `ctxt` that is a text, else "".
  std::string_view context(std::string_view name) const;
};

/// What is read of the messages of a type of event; good as long as what is read of them.
using PlanOfType = std::function<const ReadPlan&(std::string_view event_type)>;

/// Reads one message after the other into memory that it keeps. Not thread-safe.
class NotificationReader {
 public:
  NotificationReader();
  ~NotificationReader();
  NotificationReader(NotificationReader&&) noexcept;
  NotificationReader& operator=(NotificationReader&&) noexcept;

  /// kTooLarge, kInvalid (not JSON, not UTF-8, too deep, a field that is missing), kUnsupported (another
  /// major version of the envelope). What is returned is good until the next call, and no longer than the
  /// reader. `plan_of` is asked once the type is known; without it the document is whole.
  Result<Notification> read(std::string_view body, const PlanOfType& plan_of = {});

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// One message alone, whole, which owns what it holds.
Result<Notification> parse_notification(std::string_view body);

}  // namespace sentinella::telemetry
