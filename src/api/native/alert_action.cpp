#include "api/native/alert_action.h"

#include "api/parameters.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxNote = 4000;
constexpr std::size_t kMaxOwner = 200;

}  // namespace

Result<std::string> read_note(const boost::json::object& body) {
  return required_text(body, "text", kMaxNote);
}

Result<alerts::ActionRequest> read_action(const boost::json::object& body) {
  SENT_TRY_ASSIGN(const auto word, required_string(body, "action"));
  alerts::ActionRequest request;
  SENT_TRY_ASSIGN(request.text, optional_text(body, "text", kMaxNote));
  SENT_TRY_ASSIGN(const auto timeout, optional_string(body, "timeout"));
  if (timeout) {
    auto parsed = parse_duration(*timeout);
    if (!parsed) return fail_field(Errc::kInvalid, "timeout", "{}", parsed.error().message);
    request.timeout = *parsed;
  }
  SENT_TRY_ASSIGN(request.action, parse_word(word, "action", alerts::parse_action,
                                             "open, assign, ack, unack, shelve, unshelve, close, note"));
  if (request.action == alerts::Action::note && request.text.empty())
    return fail_field(Errc::kInvalid, "text", "a note needs a text");
  SENT_TRY_ASSIGN(request.owner, optional_text(body, "owner", kMaxOwner));
  const bool assigns = request.action == alerts::Action::assign;
  if (assigns && !body.contains("owner"))
    return fail_field(Errc::kInvalid, "owner",
                      "assign needs a person's or a team's name, \"me\", or \"none\" for nobody");
  if (!assigns && body.contains("owner"))
    return fail_field(Errc::kInvalid, "owner", "goes with the action assign only");
  return request;
}

}  // namespace sentinella::api::native
