// Boards: a board belongs to whoever made it; a shared one is seen by the whole account and changed by
// operators too.
#include "catalog/boards.h"

#include <algorithm>
#include <array>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxBody = 256u << 10;
constexpr std::size_t kMaxPanels = 50;
constexpr std::array<std::string_view, 4> kKinds{"metrics", "logs", "alerts", "text"};

void write_board(JsonWriter& json, const catalog::Board& board) {
  json.object()
      .field("id", board.id)
      .field("name", board.name)
      .field("owner", board.owner)
      .field("shared", board.shared)
      .field("version", board.version)
      .field("updated", board.updated)
      .field("updated_by", board.updated_by)
      .key("body")
      .raw(board.body)
      .end();
}

Reply board_reply(const catalog::Board& board, int status = 200) {
  JsonWriter json;
  write_board(json, board);
  return json_reply(json.take(), status);
}

Result<void> check_panel(const boost::json::value& value, std::size_t index) {
  const std::string at = fmt::format("body.panels[{}]", index);
  if (!value.is_object()) return fail_field(Errc::kInvalid, at, "must be an object");
  const auto& panel = value.get_object();
  SENT_TRY(only_fields(panel, {"kind", "title", "query", "width"}));
  SENT_TRY_ASSIGN(const auto kind, required_text(panel, "kind", 20));
  if (std::ranges::find(kKinds, std::string_view(kind)) == kKinds.end())
    return fail_field(Errc::kInvalid, at + ".kind", "is \"{}\"; must be one of metrics, logs, alerts, text",
                      kind);
  SENT_TRY(optional_text(panel, "title", 200));
  SENT_TRY(optional_text(panel, "query", 4000));
  SENT_TRY_ASSIGN(const auto width, optional_number(panel, "width"));
  if (width && *width != 1 && *width != 2) return fail_field(Errc::kInvalid, at + ".width", "must be 1 or 2");
  return {};
}

/// {"range":"3h","panels":[{"kind":"metrics","title":"CPU","query":"host_cpu_used_ratio","width":1}]}
Result<std::string> read_board_body(const boost::json::object& request) {
  const auto* value = request.if_contains("body");
  if (value == nullptr || !value->is_object()) return fail_field(Errc::kInvalid, "body", "must be an object");
  const auto& body = value->get_object();
  SENT_TRY(only_fields(body, {"range", "panels"}));
  SENT_TRY(optional_text(body, "range", 20));
  const auto* panels = body.if_contains("panels");
  if (panels == nullptr || !panels->is_array())
    return fail_field(Errc::kInvalid, "body.panels", "must be a list");
  if (panels->get_array().size() > kMaxPanels)
    return fail_field(Errc::kTooLarge, "body.panels", "has {} panels, at most {}", panels->get_array().size(),
                      kMaxPanels);
  for (std::size_t i = 0; i < panels->get_array().size(); ++i)
    SENT_TRY(check_panel(panels->get_array()[i], i));
  std::string text = boost::json::serialize(body);
  if (text.size() > kMaxBody)
    return fail_field(Errc::kTooLarge, "body", "has {} bytes, at most {}", text.size(), kMaxBody);
  return text;
}

/// What a request says of a board; `expected` gets the version it was made for.
Result<void> read_board(RequestContext& call, catalog::Board& board, std::uint64_t* expected) {
  SENT_TRY_ASSIGN(const auto request, json_body(call.request, {"name", "shared", "body", "version"}));
  SENT_TRY_ASSIGN(board.name, required_text(request, "name", 200));
  SENT_TRY_ASSIGN(const auto shared, optional_bool(request, "shared"));
  board.shared = shared.value_or(board.shared);
  SENT_TRY_ASSIGN(board.body, read_board_body(request));
  board.updated = call.server.clock.now();
  board.updated_by = call.caller.name;
  if (expected == nullptr) return {};
  SENT_TRY_ASSIGN(const auto version, optional_number(request, "version"));
  if (!version || *version < 1)
    return fail_field(Errc::kInvalid, "version", "the version that was read is missing");
  *expected = static_cast<std::uint64_t>(*version);
  return {};
}

bool may_see(const Caller& caller, const catalog::Board& board) {
  return board.shared || board.owner == caller.name;
}

Result<void> may_change(const Caller& caller, const catalog::Board& board) {
  if (board.owner == caller.name || caller.role >= Role::operator_) return {};
  return fail(Errc::kForbidden, "the board is {}'s; only they and operators change it", board.owner);
}

/// One that the caller may see; another's own looks the same as none.
Result<catalog::Board> find_own(catalog::Transaction& tx, const RequestContext& call) {
  SENT_TRY_ASSIGN(auto board, catalog::find_board(tx, call.caller.account, call.path_value("id")));
  if (!may_see(call.caller, board)) return fail(Errc::kNotFound, "no such board");
  return board;
}

}  // namespace

Result<Reply> list_boards(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(auto boards, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_boards(tx, call.caller.account);
                  }));
  std::erase_if(boards, [&](const catalog::Board& board) { return !may_see(call.caller, board); });
  return list_reply(boards, page, write_board);
}

Result<Reply> create_board(RequestContext& call) {
  catalog::Board board;
  board.id = to_text(random_uuid());
  board.account = call.caller.account;
  board.owner = call.caller.name;
  SENT_TRY(read_board(call, board, nullptr));
  SENT_TRY(
      call.server.database.write([&](catalog::Transaction& tx) { return catalog::insert_board(tx, board); }));
  return board_reply(board, 201);
}

Result<Reply> get_board(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto board, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return find_own(tx, call);
                  }));
  return board_reply(board);
}

Result<Reply> put_board(RequestContext& call) {
  catalog::Board board;
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(board, find_own(tx, call));
    SENT_TRY(may_change(call.caller, board));
    std::uint64_t expected = 0;
    SENT_TRY(read_board(call, board, &expected));
    SENT_TRY(catalog::update_board(tx, board, expected));
    board.version = expected + 1;
    return {};
  }));
  return board_reply(board);
}

Result<Reply> delete_board(RequestContext& call) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto board, find_own(tx, call));
    SENT_TRY(may_change(call.caller, board));
    return catalog::delete_board(tx, board.account, board.id);
  }));
  return no_content();
}

}  // namespace sentinella::api::native
