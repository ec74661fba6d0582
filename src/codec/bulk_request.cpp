#include "codec/bulk_request.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"

namespace sentinella::codec {
namespace {

constexpr std::array<std::string_view, 4> kActions = {"create", "index", "update", "delete"};
constexpr std::size_t kMaxActionLine = 64u << 10;

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  /// False at the end.
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    return true;
  }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

Result<BulkItem> read_action(std::string_view line, std::size_t number) {
  const auto bad = [&](std::string_view why) {
    return fail(Errc::kInvalid, "line {} is no action of a bulk request: {}", number, why);
  };
  if (line.size() > kMaxActionLine) return bad("it is too long");
  const auto object = parse_json_object(line);
  if (!object) return bad(object.error().message);
  if (object->size() != 1) return bad("it must have one of create, index, update, delete");
  BulkItem item;
  item.action = std::string(object->begin()->key());
  if (std::ranges::find(kActions, item.action) == kActions.end())
    return bad("\"" + item.action.substr(0, 40) + "\" is not one of create, index, update, delete");
  if (const auto* about = object->begin()->value().if_object()) {
    item.index = text_of(*about, "_index");
    item.id = text_of(*about, "_id");
  }
  return item;
}

}  // namespace

Result<void> read_bulk(std::string_view body, const std::function<void(const BulkItem&)>& item) {
  Lines lines(body);
  std::string_view line;
  while (lines.next(line)) {
    if (trim(line).empty()) continue;
    SENT_TRY_ASSIGN(BulkItem next, read_action(line, lines.number()));
    if (next.action != "delete" && !lines.next(next.document))
      return fail(Errc::kInvalid, "line {} has an action without its document", lines.number());
    item(next);
  }
  return {};
}

}  // namespace sentinella::codec
