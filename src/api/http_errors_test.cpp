#include "api/http_errors.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace sentinella::api {
namespace {

boost::json::object error_of(const net::Response& response) {
  return parse_json_object(response.body).value().at("error").as_object();
}

TEST(HttpErrors, EveryKindHasItsStatus) {
  const std::pair<Errc, int> table[] = {
      {Errc::kInvalid, 400},   {Errc::kUnsupported, 415}, {Errc::kUnauthorized, 401},
      {Errc::kForbidden, 403}, {Errc::kNotFound, 404},    {Errc::kConflict, 409},
      {Errc::kTooLarge, 413},  {Errc::kRateLimited, 429}, {Errc::kUnavailable, 503},
      {Errc::kNoSpace, 507},   {Errc::kIo, 500},          {Errc::kCorrupt, 500},
      {Errc::kInternal, 500}};
  for (const auto& [code, status] : table) {
    const auto response = error_response({code, "why", ""}, "abc");
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(error_of(response).at("code").as_string(), to_string(code));
    EXPECT_EQ(error_of(response).at("request_id"), "abc");
  }
}

TEST(HttpErrors, TheFieldAtFaultIsNamed) {
  const auto response = error_response({Errc::kInvalid, "must be a number", "page"}, "abc");
  EXPECT_EQ(error_of(response).at("field"), "page");
  EXPECT_EQ(error_of(response).at("message"), "must be a number");
}

TEST(HttpErrors, WhatMayPassSaysWhenToTryAgain) {
  for (const auto code : {Errc::kRateLimited, Errc::kUnavailable, Errc::kNoSpace})
    EXPECT_TRUE(error_response({code, "later", ""}, "abc").headers.has("Retry-After"));
  EXPECT_FALSE(error_response({Errc::kInvalid, "never", ""}, "abc").headers.has("Retry-After"));
}

TEST(HttpErrors, OurOwnFailuresKeepTheirDetailsToTheLog) {
  const auto response =
      error_response({Errc::kIo, "cannot write /var/lib/sentinella/x: bad disk", "path"}, "abc");
  EXPECT_EQ(response.body.find("/var/lib"), std::string::npos);
  EXPECT_FALSE(error_of(response).contains("field"));
}

TEST(HttpErrors, WithoutCredentialsABrowserDoesNotAskWithADialogOfItsOwn) {
  const auto response = error_response({Errc::kUnauthorized, "log in", ""}, "abc");
  EXPECT_TRUE(response.headers.get("WWW-Authenticate").starts_with("Bearer"));
}

TEST(HttpErrors, ClientsOfAlertasDoorReadThemInItsForm) {
  EXPECT_EQ(error_form_of("/alerta"), ErrorForm::alerta);
  EXPECT_EQ(error_form_of("/alerta/alert/x"), ErrorForm::alerta);
  EXPECT_EQ(error_form_of("/alertas"), ErrorForm::ours);
  EXPECT_EQ(error_form_of("/alertmanager/api/v2/alerts"), ErrorForm::ours);
  EXPECT_EQ(error_response({Errc::kInvalid, "no such word", "severity"}, "abc", ErrorForm::alerta).body,
            R"({"status":"error","message":"no such word","code":400,"errors":null,"requestId":"abc"})");
  const auto refused = method_not_allowed("POST", "GET", "abc", ErrorForm::alerta);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.get("Allow"), "GET");
  EXPECT_EQ(parse_json_object(refused.body).value().at("status"), "error");
}

}  // namespace
}  // namespace sentinella::api
