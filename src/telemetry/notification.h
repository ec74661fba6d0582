// What OpenStack's services publish on the message bus: oslo.messaging's notification envelopes.
//
// Version 2 (driver messagingv2): {"oslo.version": "2.0", "oslo.message": "<JSON text>"}; version 1 (driver
// messaging): the inner object itself. The inner object has message_id, publisher_id, event_type, priority,
// payload, timestamp (UTC, mostly without a zone), _unique_id and the caller's context as _context_*.
// Source: oslo.messaging, oslo_messaging/_drivers/common.py and notify/messaging.py.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::telemetry {

inline constexpr std::size_t kMaxNotificationBytes = 16u << 20;
inline constexpr std::size_t kMaxNotificationDepth = 64;

struct Notification {
  /// {"ctxt": {...}, "publisher_id", "event_type", "payload", "metadata": {"message_id", "timestamp"}}: what
  /// the paths of definition files begin from.
  boost::json::value document;
  std::string message_id;
  std::string unique_id;  ///< of the sending, not of the message; "" when the sender gave none
  std::string publisher_id;
  std::string event_type;
  std::string priority;  ///< lower case: "info", "error", "sample" ...
  Time generated;

  const boost::json::value& payload() const { return document.get_object().at("payload"); }
  /// A member of `ctxt` that is a text, else "".
  std::string_view context(std::string_view name) const;
};

/// kTooLarge, kInvalid (not JSON, not UTF-8, too deep, a field that is missing), kUnsupported (another major
/// version of the envelope).
///
/// What is read lies in `scratch` as far as that goes: it must outlive the notification, and serves one at a
/// time.
Result<Notification> parse_notification(std::string_view body, std::span<unsigned char> scratch = {});

}  // namespace sentinella::telemetry
