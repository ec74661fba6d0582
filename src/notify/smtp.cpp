#include "notify/smtp.h"

#include "base/json.h"
#include "notify/http_answer.h"
#include "notify/mail_digest.h"
#include "notify/mail_message.h"
#include "notify/smtp_session.h"

namespace sentinella::notify {
namespace {

struct SmtpSettings {
  std::string host;
  std::uint16_t port = 587;
  SmtpSession::Security security = SmtpSession::Security::starttls;
  std::string username, password, from;
  std::vector<std::string> to;
  Duration timeout{};
  net::TlsClientOptions tls;
  Words words;
  Duration digest{};
};

class Smtp final : public Channel {
 public:
  explicit Smtp(SmtpSettings settings) : settings_(std::move(settings)) {}

  Result<std::string> deliver(const Message& message) override {
    return send(mail_message(message, settings_.from, settings_.to, settings_.words));
  }
  Duration digest() const override { return settings_.digest; }
  Result<std::string> deliver_together(const std::vector<Message>& messages) override {
    return send(mail_digest(messages, settings_.from, settings_.to));
  }

 private:
  Result<std::string> send(const std::string& mail) {
    auto session = SmtpSession::open(settings_.host, settings_.port, settings_.security, settings_.tls,
                                     settings_.timeout);
    // A certificate that does not verify may be mended: try again.
    if (!session) return fail(Errc::kUnavailable, "{}", session.error().message);
    if (!settings_.username.empty()) SENT_TRY(session->log_in(settings_.username, settings_.password));
    auto sent = session->send(settings_.from, settings_.to, dot_stuffed(mail));
    session->quit();
    return sent;
  }

  SmtpSettings settings_;
};

bool is_local(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

Result<void> read_security(const boost::json::object& object, SmtpSettings& out) {
  SENT_TRY_ASSIGN(const auto security, optional_string(object, "security"));
  const std::string name = security.value_or("starttls");
  if (name == "tls") {
    out.security = SmtpSession::Security::tls;
    out.port = 465;
  } else if (name == "none") {
    out.security = SmtpSession::Security::none;
    out.port = 25;
  } else if (name != "starttls") {
    return fail_field(Errc::kInvalid, "security", "starttls, tls or none expected");
  }
  SENT_TRY_ASSIGN(const auto port, optional_number(object, "port"));
  if (!port) return {};
  if (!(*port >= 1 && *port <= 65535)) return fail_field(Errc::kInvalid, "port", "1 to 65535 expected");
  out.port = static_cast<std::uint16_t>(*port);
  return {};
}

Result<void> read_credentials(const boost::json::object& object, SmtpSettings& out) {
  SENT_TRY_ASSIGN(const auto username, optional_string(object, "username"));
  SENT_TRY_ASSIGN(const auto password, optional_string(object, "password"));
  out.username = username.value_or("");
  out.password = password.value_or("");
  if (out.username.empty() || out.security != SmtpSession::Security::none || is_local(out.host)) return {};
  return fail_field(Errc::kInvalid, "security",
                    "a password is not sent over a plain line; use starttls or tls");
}

Result<void> read_addresses(const boost::json::object& object, SmtpSettings& out) {
  SENT_TRY_ASSIGN(out.from, required_string(object, "from"));
  if (!is_mail_address(out.from)) return fail_field(Errc::kInvalid, "from", "one mail address expected");
  SENT_TRY_ASSIGN(out.to, optional_strings(object, "to"));
  if (out.to.empty() || out.to.size() > 50)
    return fail_field(Errc::kInvalid, "to", "a list of 1 to 50 addresses expected");
  for (const std::string& address : out.to)
    if (!is_mail_address(address)) return fail_field(Errc::kInvalid, "to", "not a mail address");
  return {};
}

}  // namespace

Result<std::unique_ptr<Channel>> make_smtp(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"host", "port", "security", "username", "password", "from", "to",
                                "timeout_seconds", "pinned_sha256", "title", "text", "digest"}));
  SmtpSettings out;
  SENT_TRY_ASSIGN(out.host, required_string(object, "host"));
  SENT_TRY(read_security(object, out));
  SENT_TRY(read_credentials(object, out));
  SENT_TRY(read_addresses(object, out));
  SENT_TRY_ASSIGN(out.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(const auto pin, optional_string(object, "pinned_sha256"));
  out.tls.pinned_sha256 = pin.value_or("");
  SENT_TRY_ASSIGN(out.words, Words::read(object));
  SENT_TRY_ASSIGN(const auto digest, optional_string(object, "digest"));
  if (digest) {
    auto span = parse_duration(*digest);
    if (!span || (*span != Duration{} && (*span < std::chrono::minutes(1) || *span > std::chrono::hours(24))))
      return fail_field(Errc::kInvalid, "digest", "1m to 24h expected, or 0s for none");
    out.digest = *span;
  }
  return std::make_unique<Smtp>(std::move(out));
}

}  // namespace sentinella::notify
