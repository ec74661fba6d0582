// The questions of `sentinella init`, in the words and order of the first release.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/discover/discover.h"
#include "base/result.h"

namespace sentinella::agent {

struct InitAnswers {
  std::string account_key;
  std::string server_url;
  std::optional<std::string> ca_file = {};        ///< nullopt: not said
  std::optional<std::string> pinned_sha256 = {};  ///< likewise
  std::vector<ServiceConfig> services = {};
};

/// Asks on `out`, reads lines from `in`; `proposed` and `findings` are the defaults in brackets. Where
/// nothing runs at all (a file made for other nodes) every service is proposed, as the first release did. An
/// answer that cannot be is said so and asked again. kInvalid: the input ended before the last question.
Result<InitAnswers> ask_configuration(const InitAnswers& proposed, const std::vector<Finding>& findings,
                                      std::istream& in, std::ostream& out);

/// "" when the answer is fine, else why not.
using AnswerCheck = std::function<std::string(const std::string&)>;
std::string check_account_key(const std::string& key);
std::string check_server_url(const std::string& url);

/// Brings what was said of the server's certificate into the form of the configuration: the pin in bare hex,
/// the file with its whole path. kInvalid, kIo ...: it could never be trusted so.
Result<void> check_trust(InitAnswers& answers);

/// The file's content: as the first release wrote it, server_url and whom to trust there.
boost::json::object to_config_object(const InitAnswers& answers, const std::string& log_file,
                                     const std::string& state_dir);

}  // namespace sentinella::agent
