#include "codec/shipped_document.h"

#include <cstdlib>

#include <simdjson.h>

#include "base/json.h"
#include "codec/msgpack.h"

namespace sentinella::codec {
namespace {

namespace dom = simdjson::dom;

/// Documents that are nested deeper are refused: what walks them calls itself.
dom::parser make_parser() {
  constexpr std::size_t kFirstCapacity = 64u << 10, kMaxJsonDepth = 64;
  dom::parser parser;
  if (parser.allocate(kFirstCapacity, kMaxJsonDepth) != simdjson::SUCCESS) std::abort();  // out of memory
  return parser;
}

std::unexpected<Error> too_many() {
  return fail(Errc::kTooLarge, "over {} fields in one document", ShippedDocument::kMaxFields);
}

/// Makes "a.b" of "a" for as long as it lives.
class NameScope {
 public:
  NameScope(std::string& path, std::string_view name) : path_(path), before_(path.size()) {
    if (!path_.empty()) path_ += '.';
    path_ += name;
  }
  ~NameScope() { path_.resize(before_); }
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

 private:
  std::string& path_;
  const std::size_t before_;
};

void flatten(dom::object object, std::string& path, int depth, ShippedDocument& out) {
  for (const auto& [name, value] : object) {
    if (out.size() > ShippedDocument::kMaxFields) return;
    const NameScope scope(path, name);
    dom::object inner;
    std::string_view text;
    if (!value.get_string().get(text))
      out.add(path, text);
    else if (depth < ShippedDocument::kMaxDepth && !value.get_object().get(inner))
      flatten(inner, path, depth + 1, out);
    else if (!value.is_null())
      out.add_literal(path, simdjson::minify(value));
  }
}

Result<void> flatten(MsgpackReader& reader, std::uint64_t pairs, std::string& path, int depth,
                     ShippedDocument& out) {
  const auto damaged = [] { return fail(Errc::kInvalid, "the record is no whole map of MessagePack"); };
  MsgpackValue key, value;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    if (out.size() > ShippedDocument::kMaxFields) return too_many();
    if (!reader.next(key)) return damaged();
    if (!key.is_string()) return fail(Errc::kInvalid, "the record has a key that is no text");
    const NameScope scope(path, key.content);
    const std::string_view whole = reader.whole();
    MsgpackReader inner(whole);
    if (!inner.next(value)) return damaged();
    if (value.is_string()) {
      out.add(path, value.content);
    } else if (value.kind == MsgpackValue::Kind::map && depth < ShippedDocument::kMaxDepth) {
      SENT_TRY(flatten(inner, value.natural, path, depth + 1, out));
    } else if (value.kind != MsgpackValue::Kind::nil) {
      JsonWriter json;
      if (!msgpack_to_json(whole, json))
        return fail(Errc::kInvalid, "the field {} is nested deeper than {} levels", path.substr(0, 128),
                    kMaxMsgpackDepth);
      out.add_literal(path, json.str());
    }
  }
  return {};
}

}  // namespace

void ShippedDocument::clear() {
  bytes_.clear();
  places_.clear();
}

void ShippedDocument::put(std::string_view name, std::string_view value, bool is_text) {
  const std::size_t begin = bytes_.size();
  bytes_.append(name).append(value);
  places_.push_back({begin, name.size(), begin + name.size(), value.size(), is_text});
}

ShippedDocument::Field ShippedDocument::at(std::size_t index) const {
  const Place& place = places_[index];
  const std::string_view all = bytes_;
  return {all.substr(place.name, place.name_size), all.substr(place.value, place.value_size), place.is_text};
}

Result<void> ShippedDocument::read_json(std::string_view object) {
  thread_local dom::parser parser = make_parser();
  dom::element root;
  dom::object top;
  if (const auto error = parser.parse(object.data(), object.size()).get(root); error)
    return fail(Errc::kInvalid, "not valid JSON: {}", simdjson::error_message(error));
  if (root.get_object().get(top)) return fail(Errc::kInvalid, "not a JSON object");
  std::string path;
  flatten(top, path, 0, *this);
  if (size() > kMaxFields) return too_many();
  return {};
}

Result<void> ShippedDocument::read_msgpack(std::string_view map) {
  MsgpackReader reader(map);
  MsgpackValue value;
  if (!reader.next(value) || value.kind != MsgpackValue::Kind::map)
    return fail(Errc::kInvalid, "the record is no map of MessagePack");
  std::string path;
  return flatten(reader, value.natural, path, 0, *this);
}

}  // namespace sentinella::codec
