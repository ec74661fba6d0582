// The questions of `sentinella init`, in the words and order of the first release.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/discover/discover.h"
#include "base/result.h"

namespace sentinella::agent {

struct InitAnswers {
  std::string account_key;
  std::string server_url;
  std::vector<ServiceConfig> services;
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

/// The file's content: as the first release wrote it, and server_url.
boost::json::object to_config_object(const InitAnswers& answers, const std::string& log_file,
                                     const std::string& state_dir);

}  // namespace sentinella::agent
