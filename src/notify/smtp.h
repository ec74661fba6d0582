// E-mail through an SMTP server (RFC 5321, STARTTLS of RFC 3207, AUTH of RFC 4954).
// Settings: host; port (default 587, 465 with tls, 25 with none); security: "starttls" (default), "tls" or
// "none"; username and password (refused with security none, unless the server is on this machine); from; to
// (a list); timeout_seconds for each step (1 to 60, default 10); pinned_sha256 (hex of the server's
// certificate); title (the subject) and text (notify/words.h).
#pragma once

#include <memory>
#include <string_view>

#include "notify/channel.h"

namespace sentinella::notify {

Result<std::unique_ptr<Channel>> make_smtp(std::string_view settings);

}  // namespace sentinella::notify
