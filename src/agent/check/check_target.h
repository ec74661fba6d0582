// Where something is asked whether it answers, and what counts as an answer. Pure.
//
// A connection alone proves little: the kernel takes it for a program that stands still. So most schemes want
// a word.
//   http, https   a response with a status below 500 (an API that asks for a token answers)
//   mysql         the server's greeting (MariaDB, MySQL, ProxySQL; see also database_checks.h)
//   amqp          the first frame after the protocol header (AMQP 0-9-1)
//   memcached     VERSION
//   redis         +PONG, or the demand for a password
//   ssh           its banner
//   tcp           the connection
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/check/http_expectation.h"
#include "base/result.h"

namespace sentinella::agent {

enum class CheckScheme : std::uint8_t { http, https, mysql, amqp, memcached, redis, ssh, tcp, icmp };

/// What the configuration may want beyond an answer; of http and https.
struct CheckOptions {
  HttpExpectation expectation{};
  bool token = false;     ///< asked with a token of Keystone's
  bool verify = false;    ///< the certificate must be the host's, and signed by one who is trusted
  std::string ca_file{};  ///< whom to trust; "" = the system's authorities
};

struct CheckTarget {
  CheckScheme scheme = CheckScheme::tcp;
  std::string host;  ///< a name or an address, IPv6 without brackets
  std::uint16_t port = 0;
  std::string path = "/";  ///< of http and https
  CheckOptions options{};
  std::string token{};  ///< sent as X-Auth-Token; a secret
};

/// kInvalid says what is wrong; all but http, https and icmp need a port.
Result<CheckTarget> parse_check_url(std::string_view text);

/// What is sent once the connection stands; "" = nothing, the other side speaks first or nobody does.
std::string check_request(const CheckTarget& target);

enum class Reply : std::uint8_t { more, good, bad };
struct ReplyVerdict {
  Reply reply = Reply::more;
  int status = 0;       ///< of http
  std::string problem;  ///< of a bad one
};
/// Judges what came so far; at most the first 4 KiB are looked at.
ReplyVerdict judge_reply(CheckScheme scheme, std::string_view received);

}  // namespace sentinella::agent
