#include "notify/smtp_session.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"

namespace sentinella::notify {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::size_t kMaxReplyLines = 100;

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::unexpected<Error> refused(std::string_view what, const SmtpReply& reply) {
  const std::string said = to_valid_utf8(
      fmt::format("{} {}", reply.code, reply.lines.empty() ? "" : reply.lines.back()).substr(0, 300));
  Errc code = Errc::kInvalid;
  if (reply.code < 500) code = Errc::kUnavailable;
  if (reply.code == 530 || reply.code == 534 || reply.code == 535) code = Errc::kForbidden;
  return fail(code, "{}: the mail server says {}", what, said);
}

}  // namespace

Result<SmtpReply> SmtpSession::read_reply() {
  SmtpReply reply;
  while (reply.lines.size() < kMaxReplyLines) {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) {
      if (buffer_.size() > kMaxLineBytes)
        return fail(Errc::kUnavailable, "the mail server sends no SMTP: line too long");
      SENT_TRY_ASSIGN(const std::string more, stream_->read_some(kMaxLineBytes, timeout_));
      if (more.empty()) return fail(Errc::kUnavailable, "the mail server closed the connection");
      buffer_ += more;
      continue;
    }
    const std::string line(trim(std::string_view(buffer_).substr(0, end)));
    buffer_.erase(0, end + 1);
    const auto code = parse_uint(std::string_view(line).substr(0, 3));
    if (line.size() < 3 || !code || *code < 200 || *code > 599)
      return fail(Errc::kUnavailable, "the mail server sends no SMTP: \"{}\"",
                  to_valid_utf8(line.substr(0, 100)));
    reply.code = static_cast<int>(*code);
    reply.lines.push_back(line.size() > 4 ? line.substr(4) : "");
    if (line.size() == 3 || line[3] != '-') return reply;
  }
  return fail(Errc::kUnavailable, "the mail server's reply has more than {} lines", kMaxReplyLines);
}

Result<SmtpReply> SmtpSession::ask(std::string_view line) {
  SENT_TRY(stream_->write(std::string(line) + "\r\n", timeout_));
  return read_reply();
}

Result<SmtpReply> SmtpSession::demand(std::string_view what, std::string_view line, int expected) {
  SENT_TRY_ASSIGN(SmtpReply reply, ask(line));
  if (reply.code / 100 != expected) return refused(what, reply);
  return reply;
}

Result<void> SmtpSession::greet() {
  SENT_TRY_ASSIGN(const SmtpReply reply, demand("EHLO", "EHLO sentinella", 2));
  capabilities_.clear();
  for (const std::string& line : reply.lines) capabilities_.push_back(upper(line));
  return {};
}

bool SmtpSession::can(std::string_view capability) const {
  return std::ranges::any_of(capabilities_, [&](const std::string& line) {
    if (line == capability) return true;
    // "AUTH PLAIN LOGIN" offers "AUTH PLAIN" and "AUTH LOGIN".
    const std::size_t space = capability.find(' ');
    if (space == std::string_view::npos || !line.starts_with(capability.substr(0, space + 1))) return false;
    const auto words = split(line, ' ');
    return std::ranges::find(words, capability.substr(space + 1)) != words.end();
  });
}

Result<SmtpSession> SmtpSession::open(const std::string& host, std::uint16_t port, Security security,
                                      const net::TlsClientOptions& tls, Duration timeout) {
  SENT_TRY_ASSIGN(auto stream, net::connect(host, port, timeout));
  SmtpSession session(std::move(stream), timeout);
  if (security == Security::tls) SENT_TRY(session.stream_->start_tls(host, tls, timeout));
  SENT_TRY_ASSIGN(const SmtpReply greeting, session.read_reply());
  if (greeting.code != 220) return refused("greeting", greeting);
  SENT_TRY(session.greet());
  if (security != Security::starttls) return session;
  if (!session.can("STARTTLS"))
    return fail(Errc::kUnavailable, "the mail server {} offers no STARTTLS", host);
  SENT_TRY(session.demand("STARTTLS", "STARTTLS", 2));
  // Whatever somebody slipped in before the line was secure must not be taken for its first words.
  if (!session.buffer_.empty())
    return fail(Errc::kUnavailable, "the mail server spoke between STARTTLS and TLS");
  SENT_TRY(session.stream_->start_tls(host, tls, timeout));
  SENT_TRY(session.greet());
  return session;
}

Result<void> SmtpSession::log_in(const std::string& username, const std::string& password) {
  if (can("AUTH PLAIN")) {
    const std::string credentials = std::string(1, '\0') + username + std::string(1, '\0') + password;
    SENT_TRY(demand("login", "AUTH PLAIN " + to_base64(credentials), 2));
    return {};
  }
  if (!can("AUTH LOGIN"))
    return fail(Errc::kForbidden, "the mail server offers neither AUTH PLAIN nor AUTH LOGIN");
  SENT_TRY(demand("login", "AUTH LOGIN", 3));
  SENT_TRY(demand("login", to_base64(username), 3));
  SENT_TRY(demand("login", to_base64(password), 2));
  return {};
}

Result<std::string> SmtpSession::send(const std::string& from, const std::vector<std::string>& to,
                                      const std::string& message) {
  SENT_TRY(demand("sender", fmt::format("MAIL FROM:<{}>", from), 2));
  std::size_t accepted = 0;
  Error last;
  for (const std::string& address : to) {
    auto reply = demand("recipient " + address, fmt::format("RCPT TO:<{}>", address), 2);
    if (reply) {
      ++accepted;
    } else if (reply.error().code == Errc::kUnavailable) {
      return std::unexpected(std::move(reply).error());  // all or nobody: else some would get it twice
    } else {
      last = std::move(reply).error();
    }
  }
  if (accepted == 0) return std::unexpected(std::move(last));
  SENT_TRY(demand("DATA", "DATA", 3));
  SENT_TRY(stream_->write(message, timeout_));
  SENT_TRY_ASSIGN(const SmtpReply reply, read_reply());
  if (reply.code / 100 != 2) return refused("message", reply);
  return to_valid_utf8(fmt::format("{} {}{}", reply.code, reply.lines.back().substr(0, 200),
                                   accepted == to.size() ? "" : "; " + last.message));
}

void SmtpSession::quit() {
  // The message is delivered: a peer that has already gone loses nothing.
  if (const auto said = stream_->write("QUIT\r\n", timeout_); !said) return;
}

}  // namespace sentinella::notify
