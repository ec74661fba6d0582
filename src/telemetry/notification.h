// What OpenStack's services publish on the message bus: oslo.messaging's notification envelopes.
//
// Version 2 (driver messagingv2): {"oslo.version": "2.0", "oslo.message": "<JSON text>"}; version 1 (driver
// messaging): the inner object itself. The inner object has message_id, publisher_id, event_type, priority,
// payload, timestamp (UTC, mostly without a zone) and the caller's context as _context_*.
// Source: oslo.messaging, oslo_messaging/_drivers/common.py and notify/messaging.py.
#pragma once

#include <memory>
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
  std::string publisher_id;
  std::string event_type;
  std::string priority;  ///< lower case: "info", "error", "sample" ...
  Time generated;

  const boost::json::value& payload() const { return document.get_object().at("payload"); }
  /// A member of `ctxt` that is a text, else "".
  std::string_view context(std::string_view name) const;
};

/// Reads one message after the other into memory that it keeps. Not thread-safe.
class NotificationReader {
 public:
  NotificationReader();
  ~NotificationReader();
  NotificationReader(NotificationReader&&) noexcept;
  NotificationReader& operator=(NotificationReader&&) noexcept;

  /// kTooLarge, kInvalid (not JSON, not UTF-8, too deep, a field that is missing), kUnsupported (another
  /// major version of the envelope). What is returned is good until the next call, and no longer than the
  /// reader.
  Result<Notification> read(std::string_view body);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// One message alone, which owns what it holds.
Result<Notification> parse_notification(std::string_view body);

}  // namespace sentinella::telemetry
