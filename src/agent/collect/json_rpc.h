// JSON-RPC 1.0 over a stream, as Open vSwitch's and OVN's programs speak it: OVSDB (RFC 7047) and their
// control sockets (ovs-appctl(8)).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

/// Finds where the first JSON object of a growing text ends; looks at no byte twice.
class JsonEnd {
 public:
  /// `text` is all that came so far. nullopt: more is to come; kCorrupt: it does not begin with an object.
  Result<std::optional<std::size_t>> find(std::string_view text);

 private:
  std::size_t at_ = 0;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

/// Asks one thing on a socket and gives the field "result". `params`: a JSON list. kUnavailable: nobody is
/// there; kInvalid: the answer is an error, in its words.
Result<boost::json::value> ask_json_rpc(const std::string& socket, std::string_view method,
                                        std::string_view params, Duration limit);

}  // namespace sentinella::agent
