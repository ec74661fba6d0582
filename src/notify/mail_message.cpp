#include "notify/mail_message.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/crypto.h"
#include "base/text.h"
#include "notify/alert_summary.h"

namespace sentinella::notify {
namespace {

std::string html(std::string_view text) {
  return escape_markup(text, true);
}

std::string html_lines(std::string_view text) {
  return fmt::format("{}", fmt::join(split(html(text), '\n'), "<br>"));
}

/// Encoded words of at most 75 characters, each whole UTF-8 characters, folded; plain ASCII stays as it is.
std::string encode_header(std::string_view text) {
  std::string clean = to_valid_utf8(text.substr(0, 400));
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  const bool ascii = std::ranges::all_of(clean, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  // A text that looks like an encoded word must not be taken for one; a line must not grow too long.
  if (ascii && clean.size() <= 180 && clean.find("=?") == std::string::npos) return clean;
  std::string out;
  for (std::size_t at = 0; at < clean.size();) {
    std::size_t end = std::min(at + 42, clean.size());
    while (end < clean.size() && (static_cast<unsigned char>(clean[end]) & 0xc0) == 0x80) --end;
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + to_base64(clean.substr(at, end - at)) + "?=";
    at = end;
  }
  return out;
}

/// RFC 5322 section 3.3, UTC.
std::string date_header(Time t) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = t.ns / 1'000'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000",
                     kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

std::string base64_lines(std::string_view text) {
  const std::string code = to_base64(text);
  std::string out;
  for (std::size_t at = 0; at < code.size(); at += 76) out += code.substr(at, 76) + "\r\n";
  return out;
}

/// Ids go into headers: letters, digits and '-' only.
std::string token(std::string_view text) {
  std::string out(text.substr(0, 100));
  std::erase_if(out, [](char c) {
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-');
  });
  return out.empty() ? "none" : out;
}

std::string text_part(const Message& message, const AlertSummary& alert, const Words& words) {
  std::string out = words.title(message, alert) + "\n\n" + words.text(message, alert) + "\n\n";
  out += fmt::format("Severity:    {}\nEnvironment: {}\nRule:        {}\nLink:        {}\n", alert.severity,
                     alert.environment, alert.rule_id, message.alert_url);
  if (!alert.lines.empty()) out += fmt::format("\nLog lines:\n  {}\n", fmt::join(alert.lines, "\n  "));
  if (!alert.playbook.empty()) out += "\nWhat to do:\n\n" + alert.playbook + "\n";
  return out;
}

std::string html_part(const Message& message, const AlertSummary& alert, const Words& words) {
  std::string out = "<html><body><h2>" + html(words.title(message, alert)) + "</h2><p>" +
                    html_lines(words.text(message, alert)) + "</p><p>Severity: " + html(alert.severity) +
                    "<br>Environment: " + html(alert.environment) + "<br>Rule: " + html(alert.rule_id) +
                    "</p><p><a href=\"" + html(message.alert_url) + "\">Open the alert</a></p>";
  if (!alert.lines.empty()) out += "<pre>" + html(fmt::format("{}", fmt::join(alert.lines, "\n"))) + "</pre>";
  if (!alert.playbook.empty()) out += "<h3>What to do</h3><pre>" + html(alert.playbook) + "</pre>";
  return out + "</body></html>\n";
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return text.size() <= 254 && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && std::ranges::all_of(text, [](char c) {
           return c > 0x20 && c < 0x7f && std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
         });
}

std::string mail_of(const Mail& mail) {
  const std::string domain = mail.from.substr(mail.from.find('@') + 1);
  const std::string boundary = "sentinella-" + token(mail.id);
  std::string out;
  const auto header = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}\r\n", name, value);
  };
  header("From", mail.from);
  header("To", fmt::format("{}", fmt::join(mail.to, ",\r\n ")));
  header("Subject", encode_header(mail.subject));
  header("Date", date_header(mail.date));
  header("Message-ID", fmt::format("<{}@{}>", token(mail.id), domain));
  if (!mail.alert_id.empty()) {
    header("References", fmt::format("<alert-{}@{}>", token(mail.alert_id), domain));
    header("X-Sentinella-Alert-Id", token(mail.alert_id));
  }
  header("Auto-Submitted", "auto-generated");
  header("MIME-Version", "1.0");
  header("Content-Type", fmt::format("multipart/alternative; boundary=\"{}\"", boundary));
  for (const bool as_html : {false, true}) {
    out += fmt::format(
        "\r\n--{}\r\nContent-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        boundary, as_html ? "html" : "plain");
    out += base64_lines(as_html ? mail.html : mail.text);
  }
  return out + fmt::format("\r\n--{}--\r\n", boundary);
}

std::string mail_message(const Message& message, const std::string& from, const std::vector<std::string>& to,
                         const Words& words) {
  const AlertSummary alert = summarise(message.alert_json);
  return mail_of({.from = from,
                  .to = to,
                  .subject = words.title(message, alert),
                  .date = alert.updated,
                  .id = message.delivery_id,
                  .alert_id = alert.id.empty() ? "none" : alert.id,
                  .text = text_part(message, alert, words),
                  .html = html_part(message, alert, words)});
}

std::string dot_stuffed(std::string_view message) {
  std::string out;
  bool line_start = true;
  for (const char c : message) {
    if (line_start && c == '.') out.push_back('.');
    out.push_back(c);
    line_start = c == '\n';
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out + ".\r\n";
}

}  // namespace sentinella::notify
