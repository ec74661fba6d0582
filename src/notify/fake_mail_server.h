// For tests: a mail server of one conversation.
#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "net/loopback_socket.h"

namespace sentinella::notify {

using Replies = std::map<std::string, std::string>;

/// Answers line by line: a reply for each command by its first word, and for the end of DATA.
class FakeMailServer {
 public:
  explicit FakeMailServer(Replies replies) : replies_(std::move(replies)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeMailServer() {
    listener_.stop();
    if (thread_.joinable()) thread_.join();
  }
  /// All the client said.
  std::vector<std::string> said() {
    thread_.join();
    return std::move(lines_);
  }
  std::uint16_t port() const { return listener_.port(); }

 private:
  void serve() {
    const FileDescriptor peer = listener_.accept();
    if (!peer) return;
    say(peer.get(), "220 mail.example ready");
    bool data = false;
    for (std::string line; read_line(peer.get(), line);) {
      lines_.push_back(line);
      if (data && line != ".") continue;
      if (line == "QUIT") return;
      std::string word = data ? "." : line.substr(0, line.find_first_of(" :"));
      data = false;
      const auto reply = replies_.contains(line) ? replies_.find(line) : replies_.find(word);
      const std::string text = reply != replies_.end() ? reply->second
                               : word == "DATA"        ? "354 go on"
                                                       : "250 ok";
      data = word == "DATA" && text.starts_with("354");
      say(peer.get(), text);
    }
  }
  static void say(int fd, const std::string& text) {
    const std::string line = text + "\r\n";
    send(fd, line.data(), line.size(), MSG_NOSIGNAL);
  }
  static bool read_line(int fd, std::string& line) {
    line.clear();
    for (char c = 0; recv(fd, &c, 1, 0) == 1;) {
      if (c == '\n') return true;
      if (c != '\r') line.push_back(c);
    }
    return false;
  }

  Replies replies_;
  net::LoopbackSocket listener_;
  std::vector<std::string> lines_;
  std::thread thread_;
};

}  // namespace sentinella::notify
