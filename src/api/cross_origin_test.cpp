#include "api/cross_origin.h"

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

class CrossOrigin : public ApiTest {
 protected:
  CrossOrigin() { context->ui_origins = {"https://apollo.example.org"}; }
  net::Response ask(const std::string& method, const std::string& origin) {
    net::Request request;
    request.method = method;
    request.path = "/api/v1/overview";
    request.headers.set("Origin", origin);
    request.headers.set("Authorization", "Bearer " + keys[Role::viewer]);
    if (method == "OPTIONS") request.headers.set("Access-Control-Request-Method", "GET");
    std::promise<net::Response> promise;
    auto future = promise.get_future();
    router->handle(std::move(request),
                   [&](net::Response response) { promise.set_value(std::move(response)); });
    return future.get();
  }
};

TEST_F(CrossOrigin, APageOfAConfiguredSiteReadsTheApiAndSeesRequestIds) {
  EXPECT_EQ(ask("OPTIONS", "https://apollo.example.org").status, 204);
  const auto answer = ask("GET", "https://apollo.example.org");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "https://apollo.example.org");
  EXPECT_EQ(answer.headers.get("Access-Control-Expose-Headers"), "X-Request-ID, Retry-After, X-Complete");
  EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Credentials"));
}

TEST_F(CrossOrigin, APageOfAnyOtherSiteReadsNothing) {
  for (const char* origin : {"https://evil.example.org", "https://apollo.example.org.evil.org", "null", ""}) {
    EXPECT_EQ(ask("OPTIONS", origin).status, 405) << origin;
    EXPECT_FALSE(ask("GET", origin).headers.has("Access-Control-Allow-Origin")) << origin;
  }
}

}  // namespace
}  // namespace sentinella::api
