// Streaming responses: what the reader of a live page gets, and what becomes of one who stops reading.
#include <gmock/gmock.h>

#include <future>

#include "net/testing.h"

namespace sentinella::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// A server whose one stream the test writes itself.
struct StreamServer {
  std::promise<std::shared_ptr<StreamWriter>> promise;
  std::unique_ptr<HttpServer> server;

  explicit StreamServer(ListenOptions options = {}) {
    server = serve(
        [this](Request, Respond respond) {
          Response response;
          response.headers.set("Content-Type", "text/event-stream");
          response.body = "retry: 1000\n\n";
          response.stream = [this](std::shared_ptr<StreamWriter> writer) {
            promise.set_value(std::move(writer));
          };
          respond(std::move(response));
        },
        std::move(options));
  }
  std::shared_ptr<StreamWriter> writer() { return promise.get_future().get(); }
};

TEST(Streaming, ChunksArriveAsTheyAreWritten) {
  StreamServer streaming;
  auto stream = dial(streaming.server->port());
  ASSERT_TRUE(stream->write(kGet, 5s));
  auto writer = streaming.writer();
  const std::string head = read_until(*stream, "retry: 1000\n\n\r\n");
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(writer->write("data: 1\n\n"));
  EXPECT_EQ(read_until(*stream, "\n\n\r\n"), "9\r\ndata: 1\n\n\r\n");
  EXPECT_TRUE(writer->write(""));
  EXPECT_TRUE(writer->write("data: 2\n\n"));
  writer->close();
  EXPECT_FALSE(writer->open());
  EXPECT_FALSE(writer->write("data: 3\n\n"));
  EXPECT_EQ(read_to_end(*stream), "9\r\ndata: 2\n\n\r\n0\r\n\r\n");
}

TEST(Streaming, OurClientReadsAStreamToItsEnd) {
  const auto server = serve([](Request, Respond respond) {
    Response response;
    response.stream = [](const std::shared_ptr<StreamWriter>& writer) {
      for (int i = 0; i < 100; ++i) writer->write(std::to_string(i) + ",");
    };  // letting go of the writer closes the stream
    respond(std::move(response));
  });
  const auto response = HttpClient().send({.url = url_of(*server)});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->body, EndsWith("98,99,"));
}

TEST(Streaming, Http10GetsPlainBytesUntilTheClose) {
  StreamServer streaming;
  auto stream = dial(streaming.server->port());
  ASSERT_TRUE(stream->write("GET / HTTP/1.0\r\n\r\n", 5s));
  auto writer = streaming.writer();
  writer->write("data: 1\n\n");
  writer->close();
  const std::string all = read_to_end(*stream);
  EXPECT_THAT(all, EndsWith("\r\n\r\nretry: 1000\n\ndata: 1\n\n"));
  EXPECT_THAT(all, Not(HasSubstr("Transfer-Encoding")));
}

TEST(Streaming, HeadAnswersWithoutOpeningTheStream) {
  StreamServer streaming;
  auto stream = dial(streaming.server->port());
  ASSERT_TRUE(stream->write("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 5s));
  EXPECT_THAT(read_to_end(*stream), EndsWith("\r\n\r\n"));
  EXPECT_EQ(streaming.promise.get_future().wait_for(0s), std::future_status::timeout);
}

TEST(Streaming, AConsumerThatStopsReadingIsCut) {
  StreamServer streaming;
  auto stream = dial(streaming.server->port());
  ASSERT_TRUE(stream->write(kGet, 5s));
  auto writer = streaming.writer();
  const std::string chunk(64u << 10, 'x');
  std::size_t written = 0;
  // The kernel's own buffers take some megabytes before our bound is felt.
  while (written < (256u << 20) && writer->write(chunk)) written += chunk.size();
  EXPECT_LT(written, 256u << 20);
  EXPECT_FALSE(writer->open());
  EXPECT_THAT(read_to_end(*stream), Not(EndsWith("0\r\n\r\n")));
}

TEST(Streaming, AConsumerThatTakesNothingForTooLongIsCutEvenWithinTheBound) {
  StreamServer streaming({.read_timeout = 50ms});
  auto stream = dial(streaming.server->port());
  ASSERT_TRUE(stream->write(kGet, 5s));
  auto writer = streaming.writer();
  // Filled just over what the kernel takes, and then left alone.
  EXPECT_TRUE(writer->write(std::string(32u << 20, 'x')));
  EXPECT_TRUE(eventually([&] { return !writer->open(); }));
}

TEST(Streaming, AClientThatLeavesIsNoticedWithoutWriting) {
  StreamServer streaming;
  auto stream = dial(streaming.server->port());
  ASSERT_TRUE(stream->write(kGet, 5s));
  auto writer = streaming.writer();
  EXPECT_TRUE(writer->open());
  stream.reset();
  EXPECT_TRUE(eventually([&] { return !writer->open(); }));
  EXPECT_FALSE(writer->write("x"));
}

TEST(Streaming, StopEndsAStreamInOrder) {
  StreamServer streaming;
  auto stream = dial(streaming.server->port());
  ASSERT_TRUE(stream->write(kGet, 5s));
  auto writer = streaming.writer();
  read_until(*stream, "retry: 1000\n\n\r\n");
  streaming.server->stop(5s);
  EXPECT_EQ(read_to_end(*stream), "0\r\n\r\n");
  EXPECT_FALSE(writer->write("x"));
  streaming.server.reset();
  EXPECT_FALSE(writer->open());
}

/// A body of so many pieces of `size` bytes; counts how many were asked for.
Handler pieces_of(std::size_t size, int count, std::shared_ptr<std::atomic<int>> asked) {
  return [size, count, asked](Request, Respond respond) {
    Response response;
    response.body = "head,";
    response.pieces = [size, count, asked](const std::atomic<bool>&) -> Result<std::string> {
      return std::string(++*asked <= count ? size : 0, 'x');
    };
    respond(std::move(response));
  };
}

TEST(Pieces, ABodyIsAskedForPieceByPieceAndTheConnectionGoesOn) {
  const auto asked = std::make_shared<std::atomic<int>>(0);
  const auto server = serve(pieces_of(3, 2, asked));
  auto stream = dial(server->port());
  for (int round = 0; round < 2; ++round) {
    *asked = 0;
    ASSERT_TRUE(stream->write(kGet, 5s));
    const std::string answer = read_until(*stream, "0\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n5\r\nhead,\r\n3\r\nxxx\r\n3\r\nxxx\r\n0\r\n\r\n"));
    EXPECT_EQ(*asked, 3);
  }
}

TEST(Pieces, AnOldClientKnowsTheEndByTheEndOfTheConnection) {
  const auto server = serve(pieces_of(3, 2, std::make_shared<std::atomic<int>>(0)));
  auto stream = dial(server->port());
  ASSERT_TRUE(stream->write("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 5s));
  const std::string answer = read_to_end(*stream);
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhead,xxxxxx"));
  EXPECT_THAT(answer, Not(HasSubstr("chunked")));
}

TEST(Pieces, NoneIsMadeWhileTheOneBeforeWaitsForItsReader) {
  const auto asked = std::make_shared<std::atomic<int>>(0);
  // More than the kernel takes for both ends together.
  const auto server = serve(pieces_of(64u << 20, 3, asked));
  auto stream = dial(server->port());
  ASSERT_TRUE(stream->write(kGet, 5s));
  read_until(*stream, "xxxx");
  EXPECT_EQ(*asked, 1);
}

TEST(Pieces, ABodyThatFailsMidwayIsCutAndNotEnded) {
  for (const bool throws : {false, true}) {
    const auto server = serve([throws](Request, Respond respond) {
      Response response;
      response.pieces = [throws, first = std::make_shared<std::atomic<bool>>(true)](
                            const std::atomic<bool>&) -> Result<std::string> {
        if (first->exchange(false)) return "some";
        if (throws) throw std::runtime_error("broken");
        return fail(Errc::kInternal, "the disk is gone");
      };
      respond(std::move(response));
    });
    auto stream = dial(server->port());
    ASSERT_TRUE(stream->write(kGet, 5s));
    std::string answer;
    while (true) {
      const auto more = stream->read_some(1024, 5s);
      if (!more || more->empty()) break;
      answer += *more;
    }
    EXPECT_THAT(answer, Not(HasSubstr("0\r\n\r\n"))) << answer;
  }
}

TEST(Pieces, TheMakerIsToldWhenThePeerLeaves) {
  std::promise<bool> left;
  const auto server = serve([&](Request, Respond respond) {
    Response response;
    response.pieces = [&](const std::atomic<bool>& abandoned) -> Result<std::string> {
      left.set_value(eventually([&] { return abandoned.load(); }));
      return fail(Errc::kUnavailable, "nobody waits");
    };
    respond(std::move(response));
  });
  {
    auto stream = dial(server->port());
    ASSERT_TRUE(stream->write(kGet, 5s));
    read_until(*stream, "\r\n\r\n");
  }
  EXPECT_TRUE(left.get_future().get());
}

}  // namespace
}  // namespace sentinella::net
