#include "api/router.h"

#include <stdexcept>

#include "api/api_fixture.h"
#include "api/reply.h"

#include "api/ui/static_files.h"
#include "base/file.h"

namespace sentinella::api {
namespace {

class RouterTest : public ApiTest {
 protected:
  RouterTest() {
    router = std::make_unique<Router>(
        *context,
        std::vector<Route>{
            {"GET", "/t/open", Access::open,
             +[](RequestContext&) -> Result<Reply> { return json_reply("{}"); }},
            {"GET", "/t/things/{id}", Access::viewer,
             +[](RequestContext& call) -> Result<Reply> {
               return json_reply("\"" + call.path_value("id") + "\"");
             }},
            {"DELETE", "/t/things/{id}", Access::operator_,
             +[](RequestContext&) -> Result<Reply> { return no_content(); }},
            {"POST", "/t/root", Access::server_admin,
             +[](RequestContext&) -> Result<Reply> { return no_content(); }},
            {"POST", "/t/send", Access::sender,
             +[](RequestContext&) -> Result<Reply> { return no_content(); }},
            {"GET", "/t/throws", Access::open,
             +[](RequestContext&) -> Result<Reply> { throw std::runtime_error("secret detail"); }},
            {"GET", "/t/twice", Access::open,
             +[](RequestContext&, Answer answer) {
               answer(json_reply("1"));
               throw std::runtime_error("late");
             }}},
        nullptr);
  }
};

TEST_F(RouterTest, TellsAWrongPathFromAWrongMethod) {
  const struct {
    const char *method, *path;
    int status;
  } table[] = {{"GET", "/t/open", 200},
               {"HEAD", "/t/open", 200},
               {"GET", "/t/open/", 404},
               {"GET", "/t/things/", 404},
               {"GET", "/t/things/7", 200},
               {"GET", "/t/things/7/8", 404},
               {"PUT", "/t/things/7", 405},
               {"OPTIONS", "/t/open", 405},
               {"GET", "/nothing", 404},
               {"GET", "/", 404},
               {"GET", "", 404},
               {"GET", "t/open", 404},
               {"GET", "//t/open", 404},
               {"BREW", "/t/open", 405}};
  for (const auto& row : table)
    EXPECT_EQ(call(row.method, row.path, keys[Role::admin]).status, row.status)
        << row.method << " " << row.path;
  EXPECT_EQ(call("PUT", "/t/things/7", keys[Role::admin]).headers.get("Allow"), "GET, DELETE");
}

TEST_F(RouterTest, HandsOverThePathsValues) {
  EXPECT_EQ(call("GET", "/t/things/a b", keys[Role::viewer]).body, "\"a b\"");
}

TEST_F(RouterTest, EveryRoleMayDoWhatIsItsAndNoMore) {
  const auto agent = agent_credential();
  const struct {
    std::string credential;
    int read, remove, root, send;
  } table[] = {{"", 401, 401, 401, 401},
               {"nonsense", 401, 401, 401, 401},
               {keys[Role::viewer], 200, 403, 403, 403},
               {keys[Role::responder], 200, 403, 403, 403},
               {keys[Role::operator_], 200, 204, 403, 204},
               {keys[Role::admin], 200, 204, 403, 204},
               {agent, 403, 403, 403, 204}};
  for (const auto& row : table) {
    EXPECT_EQ(call("GET", "/t/things/7", row.credential).status, row.read);
    EXPECT_EQ(call("DELETE", "/t/things/7", row.credential).status, row.remove);
    EXPECT_EQ(call("POST", "/t/root", row.credential).status, row.root);
    EXPECT_EQ(call("POST", "/t/send", row.credential).status, row.send);
    EXPECT_EQ(call("GET", "/t/open", row.credential).status, 200);
  }
}

TEST_F(RouterTest, AnExceptionIsAnAnswerWithoutItsDetails) {
  const auto response = call("GET", "/t/throws", "");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret detail"), std::string::npos);
}

TEST_F(RouterTest, ARequestIsAnsweredOnce) {
  EXPECT_EQ(call("GET", "/t/twice", "").body, "1");
}

TEST_F(RouterTest, EveryAnswerCarriesTheSecurityHeaders) {
  for (const auto* path : {"/t/open", "/nothing", "/t/throws"}) {
    const auto response = call("GET", path, "");
    EXPECT_TRUE(response.headers.get("Content-Security-Policy").starts_with("default-src 'self'")) << path;
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store") << path;
  }
}

TEST_F(RouterTest, KeepsAHarmlessRequestIdAndReplacesAnyOther) {
  net::Request request;
  request.method = "GET";
  request.path = "/t/open";
  request.headers.set("X-Request-ID", "req-0123456789");
  EXPECT_EQ(send(request).headers.get("X-Request-ID"), "req-0123456789");
  for (const auto* bad : {"short", "with blank in it", "line\nbreak-abcdef", "<script>alert</script>"}) {
    request.headers.set("X-Request-ID", bad);
    EXPECT_EQ(send(request).headers.get("X-Request-ID").size(), 32u) << bad;
  }
}

TEST_F(RouterTest, PagesOfTheUiAreServedButNotUnderTheApi) {
  ASSERT_TRUE(make_directories(directory / "ui"));
  ASSERT_TRUE(write_file_atomic(directory / "ui" / "index.html", "<!doctype html>"));
  const auto files = need(StaticFiles::load(directory / "ui"));
  router = std::make_unique<Router>(*context, all_routes(), &files);
  EXPECT_EQ(call("GET", "/alerts/7", "").body, "<!doctype html>");
  EXPECT_EQ(call("GET", "/api/v1/nothing", "").status, 404);
  EXPECT_EQ(call("GET", "/api", "").status, 404);
  EXPECT_EQ(call("GET", "/otlp/v1/traces", "").status, 404);
  EXPECT_EQ(call("POST", "/alerts/7", "").status, 405);
}

}  // namespace
}  // namespace sentinella::api
