#include "api/schema_check.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/native/openapi.h"
#include "api/routes.h"
#include "base/text.h"
#include "base/time.h"

namespace sentinella::api {
namespace {

namespace json = boost::json;

std::string check(const json::value& value, const json::object& schema, const std::string& where);

const json::object& resolve(const json::object& schema) {
  const auto* reference = schema.if_contains("$ref");
  if (reference == nullptr) return schema;
  const json::value* found = nullptr;
  const json::object* level = &description();
  for (const auto step : split(std::string_view(reference->as_string()).substr(2), '/')) {
    found = &level->at(step);
    level = &found->as_object();
  }
  return *level;
}

bool has_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  return type == "number" && value.is_number();
}

std::string check_type(const json::value& value, const json::value& type, const std::string& where) {
  if (type.is_string())
    return has_type(value, type.as_string())
               ? ""
               : fmt::format("{}: is no {}", where, std::string_view(type.as_string()));
  for (const auto& one : type.as_array())
    if (has_type(value, one.as_string())) return "";
  return where + ": has none of its types";
}

std::string check_object(const json::object& object, const json::object& schema, const std::string& where) {
  if (const auto* required = schema.if_contains("required"))
    for (const auto& name : required->as_array())
      if (!object.contains(name.as_string()))
        return fmt::format("{}: lacks {}", where, std::string_view(name.as_string()));
  const auto* properties = schema.if_contains("properties");
  const auto* others = schema.if_contains("additionalProperties");
  for (const auto& [name, value] : object) {
    const auto place = where + "." + std::string(std::string_view(name));
    const json::value* known = properties != nullptr ? properties->as_object().if_contains(name) : nullptr;
    if (known == nullptr && others != nullptr && others->is_bool()) return place + ": is not described";
    if (known == nullptr && others != nullptr) known = others;
    if (known == nullptr) continue;
    if (auto wrong = check(value, known->as_object(), place); !wrong.empty()) return wrong;
  }
  return "";
}

std::string check(const json::value& value, const json::object& given, const std::string& where) {
  const auto& schema = resolve(given);
  if (const auto* type = schema.if_contains("type"))
    if (auto wrong = check_type(value, *type, where); !wrong.empty()) return wrong;
  if (const auto* words = schema.if_contains("enum"))
    if (std::ranges::find(words->as_array(), value) == words->as_array().end())
      return fmt::format("{}: {} is not among the words", where, json::serialize(value));
  if (const auto* format = schema.if_contains("format"); format != nullptr && value.is_string())
    if (format->as_string() == "date-time" && !parse_rfc3339(value.as_string()))
      return where + ": is no time";
  if (value.is_object()) return check_object(value.as_object(), schema, where);
  const auto* items = schema.if_contains("items");
  if (!value.is_array() || items == nullptr) return "";
  for (std::size_t i = 0; i < value.as_array().size(); ++i)
    if (auto wrong = check(value.as_array()[i], items->as_object(), fmt::format("{}[{}]", where, i));
        !wrong.empty())
      return wrong;
  return "";
}

std::set<std::string> described_routes() {
  std::set<std::string> routes;
  for (const auto& [path, item] : description().at("paths").as_object())
    for (const auto& [method, operation] : item.as_object()) {
      std::string upper(method);
      std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      routes.insert(fmt::format("{} {} {}", upper, std::string_view(path),
                                std::string_view(operation.at("x-access").as_string())));
    }
  return routes;
}

}  // namespace

const json::object& description() {
  static const json::object document = json::parse(native::openapi_document()).as_object();
  return document;
}

std::string check_against_description(std::string_view method, std::string_view pattern,
                                      const net::Response& response) {
  const auto& operation = description().at("paths").at(pattern).at(to_lower(method)).as_object();
  const auto& answers = operation.at("responses").as_object();
  const auto status = std::to_string(response.status);
  const auto* answer = answers.if_contains(status);
  if (answer == nullptr && response.status < 400) return fmt::format("status {} is not described", status);
  if (answer == nullptr) answer = &answers.at("default");
  const auto& described = resolve(answer->as_object());
  const auto* content = described.if_contains("content");
  if (content == nullptr) return response.body.empty() ? "" : "a body where none is described";
  const auto header = response.headers.get("Content-Type");
  const auto type = trim(header.substr(0, header.find(';')));
  const auto* form = content->as_object().if_contains(type);
  if (form == nullptr) return fmt::format("content type \"{}\" is not described", type);
  if (type != "application/json") return "";
  json::error_code error;
  const auto body = json::parse(response.body, error);
  if (error) return "the body is not JSON: " + response.body;
  return check(body, form->at("schema").as_object(), "body");
}

TEST(Description, NamesEveryRouteWithItsRoleAndNoOther) {
  std::set<std::string> served;
  for (const auto& route : all_routes())
    served.insert(fmt::format("{} {} {}", route.method, route.pattern, to_string(route.access)));
  EXPECT_EQ(described_routes(), served);
}

TEST(Description, EveryReferenceLeadsSomewhere) {
  const std::string text(native::openapi_document());
  for (std::size_t at = text.find("\"$ref\""); at != std::string::npos; at = text.find("\"$ref\"", at + 1)) {
    const auto begin = text.find("\"#", at) + 1;
    const json::object reference{{"$ref", text.substr(begin, text.find('"', begin) - begin)}};
    EXPECT_NO_THROW(resolve(reference)) << json::serialize(reference);
  }
}

TEST(Description, ACheckedAnswerMustMatch) {
  net::Response response;
  response.headers.set("Content-Type", "application/json");
  response.body = R"({"items":[{"id":"1","name":"a","location":""}],"total":1})";
  EXPECT_EQ(check_against_description("GET", "/api/v1/clouds", response), "");
  response.body = R"({"items":[{"id":"1","name":"a","location":"","secret":"x"}],"total":1})";
  EXPECT_EQ(check_against_description("GET", "/api/v1/clouds", response),
            "body.items[0].secret: is not described");
  response.body = R"({"items":[],"total":"1"})";
  EXPECT_EQ(check_against_description("GET", "/api/v1/clouds", response), "body.total: is no integer");
  response.status = 418;
  EXPECT_NE(check_against_description("GET", "/api/v1/clouds", response), "");
}

}  // namespace sentinella::api
