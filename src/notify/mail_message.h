// An alert as an e-mail (RFC 5322, MIME of RFC 2045 to 2047): text and HTML, all of an alert in one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "notify/channel.h"
#include "notify/words.h"

namespace sentinella::notify {

/// One mailbox, without a name: printable ASCII, one @, none of the characters that could end it early.
bool is_mail_address(std::string_view text);

struct Mail {
  std::string from;
  std::vector<std::string> to;
  std::string subject;
  Time date;
  std::string id;        ///< the same on every retry
  std::string alert_id;  ///< whose thread it is in; "" = a thread of its own
  std::string text, html;
};
/// The whole message with CRLF line ends, not yet dot-stuffed. No text can become a header: the subject is
/// one encoded line, everything else is in base64.
std::string mail_of(const Mail& mail);
/// What is told of one alert.
std::string mail_message(const Message& message, const std::string& from, const std::vector<std::string>& to,
                         const Words& words = {});

/// RFC 5321 section 4.5.2: a line that begins with a dot gets another one; ends with CRLF.CRLF.
std::string dot_stuffed(std::string_view message);

}  // namespace sentinella::notify
