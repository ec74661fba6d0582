// What the tests of this folder share: a server on any port, raw conversations with it, a scripted peer.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loopback_socket.h"

namespace sentinella::net {

inline std::unique_ptr<HttpServer> serve(Handler handler, ListenOptions options = {},
                                         std::size_t workers = 2) {
  auto server = start_http_server(std::move(options), std::move(handler), workers);
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

inline Response text_response(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// "GET /path body", so that a test sees what the handler got.
inline void echo(Request request, Respond respond) {
  respond(text_response(request.method + " " + request.path + " " + request.body));
}

inline std::string url_of(const HttpServer& server, std::string_view target = "/", bool tls = false) {
  return fmt::format("{}://127.0.0.1:{}{}", tls ? "https" : "http", server.port(), target);
}

inline std::unique_ptr<Stream> dial(std::uint16_t port) {
  auto stream = connect("127.0.0.1", port, 5s);
  EXPECT_TRUE(stream) << stream.error().message;
  return std::move(*stream);
}

/// Everything until the peer closes (or resets).
inline std::string read_to_end(Stream& stream) {
  std::string all;
  for (;;) {
    const auto piece = stream.read_some(65536, 10s);
    if (!piece || piece->empty()) return all;
    all += *piece;
  }
}

/// Reads until `mark` is there; what was read.
inline std::string read_until(Stream& stream, std::string_view mark) {
  std::string all;
  while (!all.contains(mark)) {
    const auto piece = stream.read_some(4096, 10s);
    if (!piece || piece->empty()) break;
    all += *piece;
  }
  return all;
}

/// Sends `request` raw on a fresh connection; the whole answer.
inline std::string converse(std::uint16_t port, std::string_view request) {
  auto stream = dial(port);
  EXPECT_TRUE(stream->write(request, 5s));
  return read_to_end(*stream);
}

inline bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

/// Answers each connection with its script: per request head that arrives one piece, then closes.
class ScriptedPeer {
 public:
  using Script = std::vector<std::string>;

  explicit ScriptedPeer(std::vector<Script> connections) {
    thread_ = std::thread([this, connections = std::move(connections)] {
      for (const Script& script : connections) play(script);
    });
  }
  ~ScriptedPeer() {
    listener_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return listener_.port(); }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port()); }
  int connections() const { return connections_; }

 private:
  void play(const Script& script) {
    const FileDescriptor socket = listener_.accept();
    if (!socket) return;
    ++connections_;
    for (const std::string& piece : script) {
      if (!await_head(socket.get())) return;
      send(socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    }
  }
  bool await_head(int socket) {
    std::string head;
    char c = 0;
    while (!head.ends_with("\r\n\r\n")) {
      if (recv(socket, &c, 1, 0) <= 0) return false;
      head.push_back(c);
    }
    return true;
  }

  LoopbackSocket listener_;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace sentinella::net
