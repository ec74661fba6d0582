#include "server/cli/dead_letter_commands.h"

#include "base/json.h"
#include "base/text.h"
#include "net/http.h"
#include "server/cli/table.h"

namespace sentinella::server {
namespace {

namespace json = boost::json;

constexpr std::string_view kLetters = "/api/v1/telemetry/dead-letters";

std::string path_of(const std::string& id, std::string_view rest = "") {
  return fmt::format("{}/{}{}", kLetters, net::percent_encode(id), rest);
}

/// One line of a table, whatever the reason holds.
void make_row(json::object& letter) {
  for (const char* column : {"reason", "exchange", "routing_key"}) {
    const auto text = optional_string(letter, column);
    std::string line = text && *text ? printable(**text) : "";
    letter[column] = line.substr(0, line.find('\n'));
  }
}

}  // namespace

Result<std::string> list_dead_letters(std::size_t limit, const AskDeadLetters& ask) {
  SENT_TRY_ASSIGN(auto answer, ask("GET", fmt::format("{}?limit={}", kLetters, limit)));
  auto& items = answer.as_object().at("items").as_array();
  for (json::value& item : items) make_row(item.as_object());
  return format_table(items, {"id", "at", "exchange", "routing_key", "size", "reason"});
}

Result<std::string> show_dead_letter(const std::string& id, const AskDeadLetters& ask) {
  SENT_TRY_ASSIGN(const auto answer, ask("GET", path_of(id)));
  std::string out;
  for (const auto& [name, value] : answer.as_object()) {
    const std::string text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    out += name == "body" ? fmt::format("\n{}\n", printable(text))
                          : fmt::format("{}: {}\n", std::string_view(name), printable(text));
  }
  return out;
}

Result<std::string> replay_dead_letter(const std::string& id, const AskDeadLetters& ask) {
  SENT_TRY(ask("POST", path_of(id, "/replay")));
  return "taken\n";
}

Result<std::string> replay_all_dead_letters(const AskDeadLetters& ask) {
  std::string out, cursor;
  std::size_t taken = 0, dead = 0;
  do {
    SENT_TRY_ASSIGN(const auto page, ask("GET", fmt::format("{}?limit=100{}", kLetters, cursor)));
    const json::object& answer = page.as_object();
    for (const json::value& letter : answer.at("items").as_array()) {
      const std::string id = json::serialize(letter.as_object().at("id"));
      const auto replayed = ask("POST", path_of(id, "/replay"));
      if (!replayed && replayed.error().code == Errc::kUnavailable) return std::unexpected(replayed.error());
      ++(replayed ? taken : dead);
      if (!replayed) out += fmt::format("{}: {}\n", id, printable(describe(replayed.error())));
    }
    SENT_TRY_ASSIGN(const auto next, optional_string(answer, "next_cursor"));
    cursor = next ? "&cursor=" + *next : "";
  } while (!cursor.empty());
  return out + fmt::format("{} taken, {} still dead\n", taken, dead);
}

Result<std::string> delete_dead_letter(const std::string& id, const AskDeadLetters& ask) {
  SENT_TRY(ask("DELETE", path_of(id)));
  return "deleted\n";
}

}  // namespace sentinella::server
