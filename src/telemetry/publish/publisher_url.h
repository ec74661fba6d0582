// A publisher as pipeline files name it: scheme://user:password@host:port/path?option=value
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::telemetry {

struct PublisherUrl {
  std::string scheme;
  std::string user, password;
  std::string host;        ///< "" = none
  std::uint16_t port = 0;  ///< 0 = the scheme's own
  std::string path;        ///< with its slash, or ""
  std::map<std::string, std::string> options;

  /// Without user, password and options: for logs and status.
  std::string name() const;
  /// The option's value, which is taken away; `fallback` without it.
  std::string take_option(const std::string& option, std::string fallback);
  /// kInvalid: not a number within the bounds.
  Result<std::uint64_t> take_number(const std::string& option, std::uint64_t fallback, std::uint64_t most);
  /// The first line of the file that the option names; "" without it. kInvalid: it cannot be read, is empty.
  Result<std::string> take_secret(const std::string& option);
  /// The options that are left, as a query with its question mark; "" without any.
  std::string query() const;
};

/// kInvalid; the message never holds the password.
Result<PublisherUrl> parse_publisher_url(std::string_view text);

}  // namespace sentinella::telemetry
