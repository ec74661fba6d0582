#include "agent/config/check_config.h"

#include "base/text.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

Result<CheckConfig> parse_object(const json::object& object) {
  SENT_TRY(only_fields(object, {"url", "token", "status", "body", "json", "verify", "ca_file"}));
  CheckConfig check;
  SENT_TRY_ASSIGN(check.url, required_string(object, "url"));
  SENT_TRY_ASSIGN(const CheckTarget target, parse_check_url(check.url));
  if (target.scheme != CheckScheme::http && target.scheme != CheckScheme::https)
    return fail_field(Errc::kInvalid, "url",
                      "only of http:// and https:// more than an answer can be wanted");
  CheckOptions& options = check.options;
  SENT_TRY_ASSIGN(options.expectation, parse_expectation(object));
  SENT_TRY_ASSIGN(const auto token, optional_bool(object, "token"));
  SENT_TRY_ASSIGN(const auto verify, optional_bool(object, "verify"));
  SENT_TRY_ASSIGN(const auto ca_file, optional_string(object, "ca_file"));
  options.token = token.value_or(false);
  options.ca_file = ca_file.value_or("");
  if (!options.ca_file.empty() && options.ca_file[0] != '/')
    return fail_field(Errc::kInvalid, "ca_file", "\"{}\" is not an absolute path", options.ca_file);
  options.verify = verify.value_or(options.token || !options.ca_file.empty());
  return check;
}

}  // namespace

Result<CheckConfig> parse_check(std::string_view field, const json::value& value) {
  CheckConfig check;
  if (value.is_string()) {
    check.url = trim(std::string_view(value.get_string()));
    if (check.url.empty()) return check;
    if (const auto target = parse_check_url(check.url); !target)
      return fail_field(Errc::kInvalid, field, "{}", describe(target.error()));
    return check;
  }
  if (!value.is_object())
    return fail_field(Errc::kInvalid, field, "a URL in quotes, or an object with one, is expected");
  auto parsed = parse_object(value.get_object());
  if (!parsed) return fail_field(Errc::kInvalid, field, "{}", describe(parsed.error()));
  return parsed;
}

}  // namespace sentinella::agent
