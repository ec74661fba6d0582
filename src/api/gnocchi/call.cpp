#include "api/gnocchi/call.h"

#include "base/json.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {

std::optional<std::string> Parameters::first(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string> Parameters::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_)
    if (key == name) values.push_back(value);
  return values;
}

Outcome<bool> Parameters::flag(std::string_view name, bool fallback) const {
  const auto given = first(name);
  if (!given) return fallback;
  const std::string word = to_lower(*given);
  for (const std::string_view yes : {"true", "yes", "on", "t", "y", "1"})
    if (word == yes) return true;
  for (const std::string_view no : {"false", "no", "off", "f", "n", "0"})
    if (word == no) return false;
  return refuse(400, "Unable to parse `{}': \"{}\" is neither true nor false", name, *given);
}

Outcome<boost::json::value> Call::body() const {
  SENT_TRY_ASSIGN(auto json, optional_body());
  if (!json)
    return refuse_because(400, "Unable to decode body", "Expected object or value", boost::json::array());
  return *std::move(json);
}

Outcome<std::optional<boost::json::value>> Call::optional_body() const {
  if (trim(request.body).empty()) return std::nullopt;
  auto json = parse_json(request.body);
  if (!json) return refuse_because(400, "Unable to decode body", json.error().message, boost::json::array());
  return *std::move(json);
}

Reply json_answer(JsonText json, int status) {
  Reply reply;
  reply.status = status;
  reply.headers.set("Content-Type", "application/json");
  reply.body = json.take();
  return reply;
}

Reply created(const Call& call, const std::string& path, JsonText json) {
  Reply reply = json_answer(std::move(json), 201);
  reply.headers.set("Location", call.base + path);
  return reply;
}

Reply empty_answer(int status) {
  Reply reply;
  reply.status = status;
  return reply;
}

Outcome<void> edit(const Call& call, const std::function<Outcome<void>(catalog::ResourceEdit&)>& work) {
  std::optional<Problem> problem;
  const auto done = call.registry.edit(call.account(), [&](catalog::ResourceEdit& edit) -> Result<void> {
    auto outcome = work(edit);
    if (outcome) return {};
    problem = std::move(outcome).error();
    return fail(Errc::kInvalid, "refused");
  });
  if (done) return {};
  if (problem) return Failure(*std::move(problem));
  return Failure(Problem(done.error()));
}

}  // namespace sentinella::api::gnocchi
