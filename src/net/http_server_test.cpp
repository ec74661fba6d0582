#include "net/http_server.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <future>

#include "net/testing.h"

namespace sentinella::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(HttpServer, AConnectionServesManyRequests) {
  const auto server = serve(echo);
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    const auto response = client.send({.method = "POST", .url = url_of(*server, "/a%20b?q"), .body = "x"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "POST /a b x");
  }
  EXPECT_EQ(server->statistics().connections, 1u);
  EXPECT_EQ(server->statistics().requests, 3u);
}

TEST(HttpServer, TheHandlerSeesQueryHeadersAndPeer) {
  const auto server = serve([](Request request, Respond respond) {
    respond(text_response(request.query + "|" + std::string(request.headers.get("x-tag")) + "|" +
                          request.peer + (request.secure ? "|tls" : "|plain")));
  });
  const auto answer =
      converse(server->port(), "GET /?a=%20b HTTP/1.1\r\nHost: h\r\nX-Tag: t\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("a=%20b|t|127.0.0.1|plain"));
}

TEST(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
  std::mutex mutex;
  std::vector<Respond> waiting;
  const auto server = serve([&](Request request, Respond respond) {
    if (request.path != "/slow") return respond(text_response(request.path));
    std::thread([respond = std::move(respond)]() mutable { respond(text_response("/slow")); }).detach();
  });
  const auto answer = converse(server->port(),
                               "GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
                               "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(count(answer, "HTTP/1.1 200 OK"), 3u);
  EXPECT_LT(answer.find("/slow"), answer.find("/2"));
  EXPECT_LT(answer.find("/2"), answer.find("/3"));
}

TEST(HttpServer, ConnectionsAreSpreadOverTheIoThreads) {
  const auto server = serve(echo, {.io_threads = 3});
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int c = 0; c < 6; ++c)
    clients.emplace_back([&, c] {
      HttpClient client;
      for (int i = 0; i < 50; ++i) {
        const auto body = fmt::format("{} {}", c, i);
        const auto response = client.send({.method = "POST", .url = url_of(*server, "/x"), .body = body});
        good += response && response->body == "POST /x " + body;
      }
    });
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, 300);
  EXPECT_EQ(server->statistics().connections, 6u);
  EXPECT_EQ(server->statistics().requests, 300u);
}

TEST(HttpServer, AQuickRequestIsAnsweredWhileAllWorkersAreBusy) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  ListenOptions options;
  options.quick = [](const Request& request) { return request.path == "/quick"; };
  const auto server = serve(
      [&](Request request, Respond respond) {
        if (request.path != "/quick") released.wait();
        respond(text_response(request.path));
      },
      options, 1);
  std::thread slow([&] {
    HttpClient client;
    EXPECT_EQ(client.send({.url = url_of(*server, "/slow")})->body, "/slow");
  });
  EXPECT_TRUE(eventually([&] { return server->statistics().requests == 1; }));
  HttpClient client;
  EXPECT_EQ(client.send({.url = url_of(*server, "/quick")})->body, "/quick");
  release.set_value();
  slow.join();
}

TEST(HttpServer, AQuickHandlerThatThrowsIsAnsweredAsAnyOther) {
  ListenOptions options;
  options.quick = [](const Request&) { return true; };
  const auto server = serve([](Request, Respond) { throw std::runtime_error("no"); }, options);
  HttpClient client;
  EXPECT_EQ(client.send({.url = url_of(*server)})->status, 500);
  EXPECT_EQ(client.send({.url = url_of(*server)})->status, 500);
}

TEST(HttpServer, AQuickRequestThatTurnsOutSlowIsAnsweredByAWorker) {
  ListenOptions options;
  options.quick = [](const Request&) { return true; };
  std::atomic<std::thread::id> io_thread;
  const auto server = serve(
      [&](Request request, Respond respond) {
        io_thread = std::this_thread::get_id();
        Response promise;
        promise.later = [&, path = request.path](const auto& abandoned) {
          EXPECT_FALSE(*abandoned);
          if (path == "/bad") throw std::runtime_error("no");
          return text_response(std::this_thread::get_id() == io_thread ? "the same thread" : path);
        };
        respond(std::move(promise));
      },
      options);
  HttpClient client;
  EXPECT_EQ(client.send({.url = url_of(*server, "/a")})->body, "/a");
  EXPECT_EQ(client.send({.url = url_of(*server, "/bad")})->status, 500);
  EXPECT_EQ(client.send({.url = url_of(*server, "/b")})->body, "/b");
}

TEST(HttpServer, AHandlerLearnsThatItsClientHasLeft) {
  for (const bool quick : {false, true}) {
    ListenOptions options;
    options.quick = [quick](const Request&) { return quick; };
    std::promise<bool> left;
    const auto wait = [&](const auto& abandoned) {
      left.set_value(eventually([&] { return abandoned->load(); }));
      return text_response("nobody reads this");
    };
    const auto server = serve(
        [&](Request request, Respond respond) {
          if (!request.quick) return respond(wait(request.abandoned));
          Response promise;
          promise.later = wait;
          respond(std::move(promise));
        },
        options);
    {
      auto stream = dial(server->port());
      ASSERT_TRUE(stream->write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 5s));
      EXPECT_TRUE(eventually([&] { return server->statistics().requests == 1; }));
    }
    EXPECT_TRUE(left.get_future().get());
  }
}

TEST(HttpServer, AnswersFromOtherThreadsReachTheirOwnConnections) {
  std::mutex mutex;
  std::vector<std::pair<std::string, Respond>> waiting;
  ListenOptions options{.io_threads = 2};
  options.quick = [](const Request&) { return true; };
  const auto server = serve(
      [&](Request request, Respond respond) {
        const std::scoped_lock lock(mutex);
        waiting.emplace_back(request.path, std::move(respond));
        if (waiting.size() < 8) return;
        for (auto& [path, answer] : waiting) answer(text_response(path));
        waiting.clear();
      },
      options);
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      HttpClient client;
      for (int i = 0; i < 20; ++i) {
        const auto path = fmt::format("/{}-{}", c, i);
        const auto response = client.send({.url = url_of(*server, path)});
        good += response && response->body == path;
      }
    });
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, 160);
}

TEST(HttpServer, ChunkedBodiesArrivePutTogether) {
  const auto server = serve(echo);
  const auto answer =
      converse(server->port(),
               "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
               "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("POST /c abcde"));
}

TEST(HttpServer, LargeBodiesPassBothWays) {
  const auto server =
      serve([](Request request, Respond respond) { respond(text_response(std::move(request.body))); });
  HttpClient client;
  std::string body(5u << 20, 'x');
  for (std::size_t i = 0; i < body.size(); i += 997) body[i] = static_cast<char>(i);
  const auto response = client.send({.method = "POST", .url = url_of(*server), .body = body});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_TRUE(response->body == body);
}

TEST(HttpServer, HeadHasTheLengthButNotTheBody) {
  const auto server = serve([](Request, Respond respond) { respond(text_response("12345")); });
  const auto answer =
      converse(server->port(),
               "HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(count(answer, "Content-Length: 5\r\n"), 2u);
  EXPECT_THAT(answer, Not(HasSubstr("12345")));
}

TEST(HttpServer, Http10ConnectionsCloseUnlessAskedToStay) {
  const auto server = serve(echo);
  EXPECT_THAT(converse(server->port(), "GET /old HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close"));
  const auto answer =
      converse(server->port(), "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Connection: keep-alive"));
  EXPECT_EQ(count(answer, "HTTP/1.1 200 OK"), 2u);
}

TEST(HttpServer, AClientThatAsksFirstIsToldToContinue) {
  const auto server = serve(echo);
  auto stream = dial(server->port());
  ASSERT_TRUE(
      stream->write("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                    "Connection: close\r\n\r\n",
                    5s));
  EXPECT_EQ(read_until(*stream, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(stream->write("ok", 5s));
  EXPECT_THAT(read_to_end(*stream), EndsWith("POST /e ok"));
}

TEST(HttpServer, ABodyThatIsTooLargeIsRefusedBeforeItIsSent) {
  const auto server = serve(echo, {.max_body_bytes = 100});
  const auto answer = converse(
      server->port(), "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer,
              HasSubstr(R"({"error":{"code":"too_large","message":"the body has 101 bytes, at most 100"}})"));
  EXPECT_EQ(server->statistics().rejected, 1u);
}

TEST(HttpServer, AClientThatSendsOnRegardlessStillReadsTheRefusal) {
  const auto server = serve(echo, {.max_body_bytes = 100});
  HttpClient client;
  const auto response =
      client.send({.method = "POST", .url = url_of(*server), .body = std::string(300'000, 'x')});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 413);
}

TEST(HttpServer, AHeadThatIsTooLargeIsRefused) {
  const auto server = serve(echo, {.max_header_bytes = 1000});
  EXPECT_THAT(
      converse(server->port(), "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"),
      StartsWith("HTTP/1.1 431 "));
}

TEST(HttpServer, MalformedRequestsGetAReasonAndTheConnectionEnds) {
  const auto server = serve(echo);
  const auto answer =
      converse(server->port(),
               "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
               "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("both Content-Length and Transfer-Encoding"));
  EXPECT_EQ(count(answer, "HTTP/1.1 "), 1u);
  EXPECT_EQ(server->statistics().requests, 0u);
  EXPECT_THAT(converse(server->port(), "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServer, ARequestThatTrickesInIsTimedOut) {
  const auto server = serve(echo, {.read_timeout = 100ms});
  auto stream = dial(server->port());
  std::string answer;
  for (int i = 0; i < 200 && answer.empty(); ++i) {
    if (!stream->write("X", 1s)) break;
    if (const auto piece = stream->read_some(4096, 20ms)) answer = *piece;
  }
  EXPECT_THAT(answer + read_to_end(*stream), StartsWith("HTTP/1.1 408 "));
}

TEST(HttpServer, IdleConnectionsAreClosedInSilence) {
  const auto server = serve(echo, {.idle_timeout = 50ms});
  EXPECT_EQ(converse(server->port(), ""), "");
  EXPECT_EQ(server->statistics().rejected, 0u);
}

TEST(HttpServer, BodiesInMemoryAreBoundedForAllConnectionsTogether) {
  const auto server = serve(echo, {.max_buffered_bytes = 1000});
  auto first = dial(server->port());
  ASSERT_TRUE(first->write("POST /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 900\r\n\r\n" +
                               std::string(899, 'a'),
                           5s));
  HttpClient client;
  const ClientRequest second{.method = "POST", .url = url_of(*server), .body = std::string(900, 'b')};
  ASSERT_TRUE(eventually([&] {
    const auto response = client.send(second);
    return response && response->status == 503 && response->headers.get("retry-after") == "1";
  }));
  ASSERT_TRUE(first->write("a", 5s));
  EXPECT_THAT(read_to_end(*first), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(eventually([&] {
    const auto response = client.send(second);
    return response && response->status == 200;
  }));
}

TEST(HttpServer, AnUnansweredOrFailingRequestIsA500) {
  const auto server = serve([](Request request, Respond) {
    if (request.path == "/throw") throw std::runtime_error("no");
  });
  HttpClient client;
  for (const char* path : {"/drop", "/throw"}) {
    const auto response = client.send({.url = url_of(*server, path)});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 500);
  }
}

TEST(HttpServer, OnlyTheFirstAnswerCounts) {
  const auto server = serve([](Request, Respond respond) {
    respond(text_response("first"));
    respond(text_response("second"));
  });
  HttpClient client;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.send({.url = url_of(*server)}).value().body, "first");
}

TEST(HttpServer, HeadersThatWouldSplitTheResponseAreLeftOut) {
  const auto server = serve([](Request, Respond respond) {
    Response response = text_response("ok");
    response.headers.add("X-Bad", "a\r\nSet-Cookie: stolen");
    response.headers.add("X-Good", "b");
    respond(std::move(response));
  });
  const auto response = HttpClient().send({.url = url_of(*server)});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_FALSE(response->headers.has("x-bad"));
  EXPECT_FALSE(response->headers.has("set-cookie"));
  EXPECT_EQ(response->headers.get("x-good"), "b");
}

TEST(HttpServer, ConnectionsOverTheLimitWaitTheirTurn) {
  const auto server = serve(echo, {.max_connections = 1});
  auto first = dial(server->port());
  ASSERT_TRUE(first->write("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", 5s));
  EXPECT_THAT(read_until(*first, "GET /1"), HasSubstr("200"));
  auto second = dial(server->port());
  ASSERT_TRUE(second->write("GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 5s));
  EXPECT_FALSE(second->read_some(100, 50ms));
  first.reset();
  EXPECT_THAT(read_to_end(*second), HasSubstr("GET /2"));
}

TEST(HttpServer, StartingTellsWhyItCannot) {
  const auto server = serve(echo);
  const auto taken = start_http_server({.port = server->port()}, echo);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::kUnavailable);
  EXPECT_THAT(taken.error().message, HasSubstr("in use"));
  EXPECT_EQ(start_http_server({.host = "nowhere"}, echo).error().code, Errc::kInvalid);
  EXPECT_EQ(start_http_server({.host = "192.0.2.1"}, echo).error().code, Errc::kInvalid);
}

TEST(HttpServer, StopLetsARunningRequestFinish) {
  std::promise<Respond> promise;
  auto server = serve([&](Request, Respond respond) { promise.set_value(std::move(respond)); });
  auto stream = dial(server->port());
  auto idle = dial(server->port());
  ASSERT_TRUE(stream->write("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 5s));
  Respond respond = promise.get_future().get();
  std::thread stopper([&] { server->stop(10s); });
  EXPECT_EQ(read_to_end(*idle), "");  // closed at once: from here the server is stopping
  respond(text_response("finished"));
  const std::string answer = read_to_end(*stream);
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_THAT(answer, EndsWith("finished"));
  stream.reset();
  stopper.join();
  EXPECT_FALSE(connect("127.0.0.1", server->port(), 1s));
  server->stop(10s);
}

TEST(HttpServer, StopDoesNotWaitForeverAndALateAnswerIsHarmless) {
  std::promise<Respond> promise;
  auto server = serve([&](Request, Respond respond) { promise.set_value(std::move(respond)); });
  auto stream = dial(server->port());
  ASSERT_TRUE(stream->write("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 5s));
  Respond respond = promise.get_future().get();
  server->stop(10ms);
  EXPECT_EQ(read_to_end(*stream), "");
  server.reset();
  respond(text_response("too late"));
}

}  // namespace
}  // namespace sentinella::net
