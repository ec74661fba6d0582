#include "server/retention_cap.h"

#include "base/text.h"
#include "server/config.h"

namespace sentinella::server {
namespace {

Result<void> set_limit(RetentionCap& cap, std::string_view word) {
  if (word.starts_with("raw=")) {
    SENT_TRY_ASSIGN(cap.raw_age, parse_duration(word.substr(4)));
  } else if (const auto bytes = parse_bytes(word)) {
    cap.max_bytes = *bytes;
  } else {
    SENT_TRY_ASSIGN(cap.max_age, parse_duration(word));
  }
  return {};
}

Result<RetentionCap> parse_cap(std::string_view text) {
  const auto words = split(text, ' ');
  RetentionCap cap;
  const std::size_t slash = words[0].find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == words[0].size())
    return fail(Errc::kInvalid, "\"{}\" does not begin with ACCOUNT/PATTERN", text);
  cap.account = words[0].substr(0, slash);
  cap.pattern = words[0].substr(slash + 1);
  for (std::size_t i = 1; i < words.size(); ++i)
    if (!words[i].empty()) SENT_TRY(set_limit(cap, words[i]));
  if (cap.max_age.count() == 0 && cap.raw_age.count() == 0 && cap.max_bytes == 0)
    return fail(Errc::kInvalid, "\"{}\" has neither an age nor bytes", text);
  return cap;
}

Result<std::vector<RetentionCap>> parse_caps(std::string_view text) {
  std::vector<RetentionCap> caps;
  for (const std::string_view one : split(text, ',')) {
    if (trim(one).empty()) continue;
    SENT_TRY_ASSIGN(auto cap, parse_cap(trim(one)));
    caps.push_back(std::move(cap));
  }
  return caps;
}

}  // namespace

Result<std::vector<RetentionCap>> parse_log_caps(std::string_view text) {
  SENT_TRY_ASSIGN(auto caps, parse_caps(text));
  for (const RetentionCap& cap : caps)
    if (cap.raw_age.count() != 0)
      return fail(Errc::kInvalid, "raw= of {}/{}: logs are not rolled up", cap.account, cap.pattern);
  return caps;
}

Result<std::vector<RetentionCap>> parse_metric_caps(std::string_view text) {
  SENT_TRY_ASSIGN(auto caps, parse_caps(text));
  for (const RetentionCap& cap : caps)
    if (cap.max_bytes != 0 && cap.pattern != "*")
      return fail(Errc::kInvalid, "bytes of {}/{}: they are counted for all metrics of an account, as {}/*",
                  cap.account, cap.pattern, cap.account);
  return caps;
}

}  // namespace sentinella::server
