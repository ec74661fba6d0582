// What is not urgent, in one mail: new, still open, closed, and what speaks most often.
#pragma once

#include <string>
#include <vector>

#include "notify/channel.h"

namespace sentinella::notify {

/// `messages`: at least one, oldest first. The mail's id is that of the first.
std::string mail_digest(const std::vector<Message>& messages, const std::string& from,
                        const std::vector<std::string>& to);

}  // namespace sentinella::notify
