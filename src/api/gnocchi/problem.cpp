#include "api/gnocchi/problem.h"

#include "api/gnocchi/json_text.h"
#include "api/http_errors.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

/// The sentence that stands before the detail, in words of ours that name what clients look for.
std::string_view sentence(int status) {
  switch (status) {
    case 400:
      return "The server could not comply with the request since it is malformed or otherwise incorrect.";
    case 401:
      return "This server could not verify that you are authorized to access what was requested.";
    case 403:
      return "Access was denied to this resource.";
    case 404:
      return "The resource could not be found.";
    case 405:
      return "The method is not allowed for this resource.";
    case 406:
      return "The resource has no form that was asked for: it is application/json.";
    case 409:
      return "There was a conflict with the state of what is there.";
    case 412:
      return "A precondition of the request does not hold.";
    case 415:
      return "The request has a media type that is not taken here.";
    case 501:
      return "This is not a feature of the server.";
    default:
      return "The server did not do this.";
  }
}

std::string problem_text(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  return JsonText().value(value).take();
}

/// "cause: reason", for people.
std::string in_one_line(const boost::json::value& description) {
  const auto* object = description.if_object();
  if (object == nullptr) return problem_text(description);
  std::string line;
  for (const std::string_view part : {"cause", "reason", "detail"}) {
    const auto* found = object->if_contains(part);
    if (found == nullptr || (part == "detail" && object->contains("reason"))) continue;
    line += (line.empty() ? "" : ": ") + problem_text(*found);
  }
  return line;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

std::string at_path(const Path& path) {
  std::string text = " @ data";
  for (const auto& step : path) text += parse_uint(step) ? "[" + step + "]" : "['" + step + "']";
  return text;
}

Failure invalid(std::string reason, const Path& path) {
  boost::json::array detail;
  for (const auto& step : path) detail.emplace_back(step);
  return refuse_because(400, "Invalid input", reason, std::move(detail));
}

}  // namespace

std::string Problem::text() const {
  return in_one_line(description);
}

Problem::Problem(const Error& error) : status(http_status(error.code)), description(error.message) {
  if (status != 500) return;
  log::error("api.gnocchi", "{}", describe(error));
  description = "the server failed to do this; its log says why";
}

Failure refuse_because(int status, std::string_view cause, boost::json::value detail) {
  boost::json::object description;
  description["cause"] = cause;
  description["detail"] = std::move(detail);
  return Failure(Problem(status, std::move(description)));
}

Failure refuse_because(int status, std::string_view cause, std::string_view reason,
                       boost::json::value detail) {
  boost::json::object description;
  description["cause"] = cause;
  description["reason"] = reason;
  description["detail"] = std::move(detail);
  return Failure(Problem(status, std::move(description)));
}

Failure bad_argument(std::string_view parameter, std::string_view reason) {
  return refuse_because(400, "Argument value error", reason, boost::json::string(parameter));
}

Path operator/(Path path, std::string_view step) {
  path.emplace_back(step);
  return path;
}

Path operator/(Path path, std::size_t index) {
  path.push_back(std::to_string(index));
  return path;
}

Failure invalid_input(std::string_view reason, const Path& path) {
  return invalid(std::string(reason) + at_path(path), path);
}

Failure invalid_value(std::string_view reason, const Path& path) {
  return invalid(std::string(reason) + " for dictionary value" + at_path(path), path);
}

net::Response render(const Problem& problem, std::string_view accept) {
  net::Response response;
  response.status = problem.status;
  const std::string status = fmt::format("{} {}", problem.status, net::reason_phrase(problem.status));
  const std::string detail = in_one_line(problem.description);
  if (accepts(accept, "text/plain")) {
    response.headers.set("Content-Type", "text/plain; charset=UTF-8");
    response.body = fmt::format("{}\n\n{}\n\n{}\n", status, sentence(problem.status), detail);
  } else if (accepts(accept, "text/html")) {
    response.headers.set("Content-Type", "text/html; charset=UTF-8");
    response.body =
        fmt::format("<html><head><title>{0}</title></head><body><h1>{0}</h1>{1}<br />{2}</body></html>\n",
                    status, sentence(problem.status), escape_html(detail));
  } else {
    const bool bare = problem.description.is_null() || detail.empty();
    response.headers.set("Content-Type", "application/json");
    JsonText json;
    json.object().field("code", problem.status).field("title", net::reason_phrase(problem.status));
    if (bare)
      json.field("description", sentence(problem.status));
    else
      json.field("description", problem.description);
    response.body = json.end().take();
  }
  if (problem.status == 401) response.headers.set("WWW-Authenticate", "Basic realm=\"gnocchi\"");
  if (problem.status == 503) response.headers.set("Retry-After", "2");
  return response;
}

bool accepts(std::string_view accept, std::string_view type) {
  if (trim(accept).empty()) return true;
  const std::string_view family = type.substr(0, type.find('/'));
  for (const std::string_view piece : split(accept, ',')) {
    const auto fields = split(piece, ';');
    if (fields.empty()) continue;
    const std::string name = to_lower(trim(fields.front()));
    bool refused = false;
    for (std::size_t i = 1; i < fields.size(); ++i) {
      const auto field = trim(fields[i]);
      if (field.starts_with("q=")) refused = parse_double(field.substr(2)) == std::optional(0.0);
    }
    if (!refused && (name == "*/*" || name == type || name == std::string(family) + "/*")) return true;
  }
  return false;
}

}  // namespace sentinella::api::gnocchi
