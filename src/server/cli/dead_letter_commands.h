// `sentinella-server dead-letters ...`: messages of the clouds' buses that could not be taken.
#pragma once

#include <functional>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/result.h"

namespace sentinella::server {

/// Asks the server; method and path.
using AskDeadLetters = std::function<Result<boost::json::value>(const std::string&, const std::string&)>;

/// A table of the newest `limit` (1 to 500), newest first.
Result<std::string> list_dead_letters(std::size_t limit, const AskDeadLetters& ask);
/// One with its body.
Result<std::string> show_dead_letter(const std::string& id, const AskDeadLetters& ask);
/// Takes one once more. The error says why it is still dead.
Result<std::string> replay_dead_letter(const std::string& id, const AskDeadLetters& ask);
/// Every one that is there now, oldest last. Says which are still dead and why; kUnavailable ends it.
Result<std::string> replay_all_dead_letters(const AskDeadLetters& ask);
Result<std::string> delete_dead_letter(const std::string& id, const AskDeadLetters& ask);

}  // namespace sentinella::server
