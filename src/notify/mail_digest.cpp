#include "notify/mail_digest.h"

#include <algorithm>
#include <array>
#include <map>

#include "notify/alert_summary.h"
#include "notify/mail_message.h"

namespace sentinella::notify {
namespace {

constexpr std::size_t kListedEach = 200;  ///< in a section
constexpr std::size_t kNoisiest = 5;

struct Section {
  std::string_view title;
  std::vector<std::pair<const Message*, AlertSummary>> rows = {};
};

std::size_t section_of(std::string_view transition) {
  if (transition == "closed") return 2;
  return transition == "reminder" || transition == "update" || transition == "status" ? 1 : 0;
}

/// Events by how many of the messages are about them, the most first.
std::vector<std::pair<std::string, std::size_t>> noisiest(const std::array<Section, 3>& sections) {
  std::map<std::string, std::size_t> counts;
  for (const Section& section : sections)
    for (const auto& [message, alert] : section.rows) ++counts[alert.event];
  std::vector<std::pair<std::string, std::size_t>> out(counts.begin(), counts.end());
  std::ranges::stable_sort(out, std::ranges::greater(), &std::pair<std::string, std::size_t>::second);
  if (out.size() > kNoisiest) out.resize(kNoisiest);
  return out;
}

std::string as_text(const std::array<Section, 3>& sections) {
  std::string out;
  for (const Section& section : sections) {
    if (section.rows.empty()) continue;
    out += fmt::format("{} ({})\n", section.title, section.rows.size());
    for (std::size_t i = 0; i < std::min(section.rows.size(), kListedEach); ++i) {
      const auto& [message, alert] = section.rows[i];
      out += fmt::format("  {}\n      {}\n      {}\n", headline(*message, alert), alert.text,
                         message->alert_url);
    }
    out += "\n";
  }
  out += "Most often\n";
  for (const auto& [event, count] : noisiest(sections)) out += fmt::format("  {:>4}  {}\n", count, event);
  return out;
}

std::string as_html(const std::array<Section, 3>& sections) {
  const auto safe = [](std::string_view text) { return escape_markup(text, true); };
  std::string out = "<!DOCTYPE html><html><body style=\"font-family:sans-serif\">";
  for (const Section& section : sections) {
    if (section.rows.empty()) continue;
    out += fmt::format("<h3>{} ({})</h3><ul>", section.title, section.rows.size());
    for (std::size_t i = 0; i < std::min(section.rows.size(), kListedEach); ++i) {
      const auto& [message, alert] = section.rows[i];
      out += fmt::format("<li><a href=\"{}\">{}</a><br>{}</li>", safe(message->alert_url),
                         safe(headline(*message, alert)), safe(alert.text));
    }
    out += "</ul>";
  }
  out += "<h3>Most often</h3><ul>";
  for (const auto& [event, count] : noisiest(sections))
    out += fmt::format("<li>{}: {}</li>", safe(event), count);
  return out + "</ul></body></html>";
}

}  // namespace

std::string mail_digest(const std::vector<Message>& messages, const std::string& from,
                        const std::vector<std::string>& to) {
  std::array<Section, 3> sections{Section{"New"}, Section{"Still open"}, Section{"Closed"}};
  Time newest;
  for (const Message& message : messages) {
    AlertSummary alert = summarise(message.alert_json);
    newest = std::max(newest, alert.updated);
    sections[section_of(message.transition)].rows.emplace_back(&message, std::move(alert));
  }
  return mail_of({.from = from,
                  .to = to,
                  .subject = fmt::format("[DIGEST] {} new, {} still open, {} closed", sections[0].rows.size(),
                                         sections[1].rows.size(), sections[2].rows.size()),
                  .date = newest,
                  .id = messages.front().delivery_id + "-digest",
                  .alert_id = "",
                  .text = as_text(sections),
                  .html = as_html(sections)});
}

}  // namespace sentinella::notify
