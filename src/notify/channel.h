// A way to tell people. Adding a kind = one file here and one row in channel_kinds().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/alerting.h"

namespace sentinella::notify {

/// What is sent; `alert_json` is alerts' JSON of the alert as it was at the transition.
struct Message {
  std::string delivery_id;
  std::uint64_t sequence = 0;
  std::uint32_t attempt = 1;
  std::string transition;  ///< as model/alert.h, or "test", "canary"
  std::string alert_json;
  std::string alert_url;  ///< link to the alert's page
  std::string
      last_answer;  ///< what deliver() returned for this alert last; "" = nothing yet. For follows_status
};

/// Used by one thread at a time.
class Channel {
 public:
  virtual ~Channel() = default;
  /// Success: the other side has it. kInvalid, kForbidden, kNotFound: sending again cannot help. Everything
  /// else is retried. The text is shown to people and holds no secret.
  virtual Result<std::string> deliver(const Message& message) = 0;
  /// What pages nobody is held back to the next multiple of this, and delivered together. Zero = it is not.
  virtual Duration digest() const { return {}; }
  /// As deliver(), of several; only with a digest().
  virtual Result<std::string> deliver_together(const std::vector<Message>& messages);
};

struct ChannelKind {
  std::string_view name;
  /// Checks `settings` (a JSON object); kInvalid names the field.
  Result<std::unique_ptr<Channel>> (*make)(std::string_view settings);
  std::vector<std::string_view> secrets;  ///< fields of `settings` that are never shown
  bool follows_status = false;            ///< hears of acknowledgements, too: its messages change in place
};
const std::vector<ChannelKind>& channel_kinds();
bool follows_status(std::string_view kind);
Result<std::unique_ptr<Channel>> make_channel(std::string_view kind, std::string_view settings);

}  // namespace sentinella::notify
