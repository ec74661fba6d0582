// Searching the logs, and one record whole.
#include <charconv>

#include "api/native/handlers.h"
#include "api/native/log_words.h"
#include "api/native/render.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxTextInLists = 16u << 10;
constexpr std::size_t kMaxWords = 20;

Result<std::uint64_t> parse_template_id(const std::string& text) {
  if (text.empty()) return 0;
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (error != std::errc() || end != text.data() + text.size())
    return fail_field(Errc::kInvalid, "template_id", "\"{}\" is not a number in hex", text);
  return id;
}

Result<bool> newest_first(const Query& query) {
  const auto order = query.text("order");
  if (order.empty() || order == "desc") return true;
  if (order == "asc") return false;
  return fail_field(Errc::kInvalid, "order", "is \"{}\"; must be desc or asc", order);
}

Result<logs::LogQuery> read_query(const Query& query, Time now) {
  logs::LogQuery wanted;
  SENT_TRY_ASSIGN(wanted.words, parse_log_words(query.text("q"), kMaxWords));
  wanted.host = query.text("host");
  wanted.service = query.text("service");
  wanted.component = query.text("component");
  wanted.request_id = query.text("request_id");
  wanted.instance = query.text("instance");
  wanted.source = query.text("source");
  SENT_TRY_ASSIGN(wanted.template_id, parse_template_id(query.text("template_id")));
  if (const auto word = query.text("severity"); !word.empty()) {
    SENT_TRY_ASSIGN(wanted.min_severity, parse_word(word, "severity", parse_severity,
                                                    "TRACE, DEBUG, INFO, AUDIT, WARNING, ERROR, CRITICAL"));
  }
  SENT_TRY_ASSIGN(wanted.range, query.range(now, std::nullopt));
  SENT_TRY_ASSIGN(wanted.limit, query.number("limit", 100, 1, 1000));
  SENT_TRY_ASSIGN(wanted.newest_first, newest_first(query));
  wanted.cursor = query.text("cursor");
  return wanted;
}

}  // namespace

Result<std::vector<std::string>> parse_log_words(std::string_view text, std::size_t max) {
  std::vector<std::string> words;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    std::string_view word;
    if (text.front() == '"') {
      const auto end = text.find('"', 1);
      if (end == std::string_view::npos) return fail_field(Errc::kInvalid, "q", "a quote is not closed");
      word = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
    } else {
      word = text.substr(0, text.find_first_of(" \t\r\n"));
      text.remove_prefix(word.size());
    }
    if (!word.empty()) words.emplace_back(word);
    if (words.size() > max) return fail_field(Errc::kInvalid, "q", "has more than {} words", max);
  }
  return words;
}

Result<Reply> search_logs(RequestContext& call) {
  SENT_TRY_ASSIGN(
      const auto query,
      Query::read(call.request, {"q", "host", "service", "component", "request_id", "instance", "source",
                                 "template_id", "severity", "from", "to", "limit", "cursor", "order"}));
  SENT_TRY_ASSIGN(const auto wanted, read_query(query, call.server.clock.now()));
  SENT_TRY_ASSIGN(const auto page, call.server.logs.search(call.caller.account, wanted));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& record : page.records) write_log(json, record, kMaxTextInLists);
  json.end();
  write_next_cursor(json, page.next_cursor);
  json.end();
  return json_reply(json.take());
}

Result<Reply> get_log(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const auto& text = call.path_value("id");
  const auto id = parse_record_id(text);
  if (!id) return fail(Errc::kNotFound, "no such log record");
  SENT_TRY_ASSIGN(auto record, call.server.logs.get(call.caller.account, *id));
  JsonWriter json;
  write_log(json, {*id, std::move(record)}, std::string::npos);
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
