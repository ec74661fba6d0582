#include "telemetry/notification.h"

#include <optional>
#include <utility>
#include <vector>

#include <simdjson.h>
#include <boost/container/small_vector.hpp>

#include "base/text.h"
#include "telemetry/datetime.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;
namespace dom = simdjson::dom;

constexpr std::size_t kMaxHeadBytes = 255;
constexpr std::size_t kScratchBytes = 64u << 10;
constexpr std::size_t kParserBytes = 64u << 10, kMostParserBytes = 1u << 20;
constexpr std::string_view kContextPrefix = "_context_";

/// As deep as the parser lets through.
void copy_element(dom::element from, json::value& to) {
  switch (from.type()) {
    case dom::element_type::OBJECT: {
      const dom::object members = from.get_object().value_unsafe();
      json::object& object = to.emplace_object();
      object.reserve(members.size());
      for (const auto& [key, value] : members) copy_element(value, object[key]);
      return;
    }
    case dom::element_type::ARRAY: {
      const dom::array elements = from.get_array().value_unsafe();
      json::array& array = to.emplace_array();
      array.reserve(elements.size());
      for (const dom::element element : elements) copy_element(element, array.emplace_back(nullptr));
      return;
    }
    case dom::element_type::STRING: {
      const std::string_view text = from.get_string().value_unsafe();
      to.emplace_string().assign(text.data(), text.size());
      return;
    }
    case dom::element_type::INT64:
      to.emplace_int64() = from.get_int64().value_unsafe();
      return;
    case dom::element_type::UINT64:
      to.emplace_uint64() = from.get_uint64().value_unsafe();
      return;
    case dom::element_type::DOUBLE:
      to.emplace_double() = from.get_double().value_unsafe();
      return;
    case dom::element_type::BOOL:
      to.emplace_bool() = from.get_bool().value_unsafe();
      return;
    case dom::element_type::NULL_VALUE:
      to.emplace_null();
  }
}

/// An earlier member of the same name is as if it had not been.
void forget_below(const ReadPlan::Node& node, json::array& values) {
  for (const ReadPlan::Node& member : node.members) {
    if (member.slot != ReadPlan::kNoSlot && !values[member.slot].is_null())
      values[member.slot].emplace_null();
    forget_below(member, values);
  }
}

/// What the plan says of a value: into its slots, and into `place`, nullptr when nothing goes there.
void fetch(dom::element from, const ReadPlan::Node& node, json::array& values, json::value* place) {
  if (node.slot != ReadPlan::kNoSlot) copy_element(from, values[node.slot]);
  if (node.whole && place != nullptr) copy_element(from, *std::exchange(place, nullptr));
  if (node.members.empty()) return;
  json::value& met = values[node.met];
  if (!met.is_null()) forget_below(node, values);
  met = true;
  json::object* const object = place == nullptr ? nullptr : &place->emplace_object();
  dom::object members;
  if (from.get(members) != simdjson::SUCCESS) return;  // no path leads on from here
  for (const auto& [key, value] : members)
    if (const auto* const member = node.find(key))
      fetch(value, *member, values, object != nullptr && member->in_document ? &(*object)[key] : nullptr);
}

/// The document of a notification, and where in it the members of the inner object belong.
class Frame {
 public:
  explicit Frame(const json::storage_ptr& memory)
      : document_(json::object(memory)), priority_(memory), values_(memory) {
    json::object& document = document_.get_object();
    document.reserve(5);
    context_ = &document["ctxt"].emplace_object();
    publisher_id_ = &document["publisher_id"];
    event_type_ = &document["event_type"];
    payload_ = &document["payload"];
    json::object& metadata = document["metadata"].emplace_object();
    metadata.reserve(2);
    message_id_ = &metadata["message_id"];
    timestamp_ = &metadata["timestamp"];
  }

  /// Whether the plan of a message's type says what is read of the member.
  static bool is_planned(std::string_view member) {
    return member.starts_with(kContextPrefix) || member == "payload";
  }

  /// From now on such members are read as the plan of the type says, which has been read; not at all when
  /// finish() refuses the type.
  void follow(const PlanOfType& plan_of) {
    static const ReadPlan nothing;
    const std::string_view type = text_in(*event_type_);
    plan_ = type.empty() || type.size() > kMaxHeadBytes ? &nothing : &plan_of(type);
    values_.resize(plan_->slots());
  }

  void take_planned(std::string_view member, dom::element value) {
    const ReadPlan::Node& payload = plan_->payload();
    if (member.starts_with(kContextPrefix))
      take_context(member.substr(kContextPrefix.size()), value);
    else
      fetch(value, payload, values_, payload.in_document ? payload_ : nullptr);
  }

  /// nullptr: nobody asks for it.
  json::value* place_of(std::string_view member) {
    if (member.starts_with(kContextPrefix)) return &(*context_)[member.substr(kContextPrefix.size())];
    if (member == "payload") return payload_;
    if (member == "event_type") return event_type_;
    if (member == "message_id") return message_id_;
    if (member == "publisher_id") return publisher_id_;
    if (member == "timestamp") return timestamp_;
    if (member == "priority") return &priority_;
    return nullptr;
  }

  Result<Notification> finish() && {
    // The members' places stay where they are: what moves is who owns them.
    Notification out{std::move(document_), plan_, std::move(values_), {}, {}, {}, {}, {}};
    for (const auto& [name, from, to] : {std::tuple{"event_type", event_type_, &out.event_type},
                                         {"message_id", message_id_, &out.message_id},
                                         {"publisher_id", publisher_id_, &out.publisher_id}}) {
      *to = text_in(*from);
      if (to->empty()) return fail_field(Errc::kInvalid, name, "is missing, or is not a text");
      if (to->size() > kMaxHeadBytes)
        return fail_field(Errc::kInvalid, name, "has {} bytes, at most {}", to->size(), kMaxHeadBytes);
    }
    out.priority = to_lower(text_in(priority_));
    const auto time = parse_datetime(text_in(*timestamp_));
    if (!time) return fail_field(Errc::kInvalid, "timestamp", "is missing, or is not a date and time");
    out.generated = *time;
    return out;
  }

 private:
  void take_context(std::string_view name, dom::element value) {
    const ReadPlan::Node& context = plan_->context();
    const ReadPlan::Node* const node = context.find(name);
    const bool in_document = context.whole || (node != nullptr && node->in_document);
    json::value* const place = in_document ? &(*context_)[name] : nullptr;
    if (node != nullptr) fetch(value, *node, values_, context.whole ? nullptr : place);
    if (context.whole) copy_element(value, *place);
  }
  static std::string_view text_in(const json::value& value) {
    return value.is_string() ? std::string_view(value.get_string()) : std::string_view();
  }

  json::value document_;
  json::value priority_;
  json::object* context_;
  json::value *publisher_id_, *event_type_, *payload_, *message_id_, *timestamp_;
  const ReadPlan* plan_ = nullptr;
  json::array values_;
};

std::optional<std::string_view> text_in(const simdjson::simdjson_result<dom::element>& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::optional(text) : std::nullopt;
}

std::optional<std::string_view> text_in(const json::value* value) {
  return value->is_string() ? std::optional(std::string_view(value->get_string())) : std::nullopt;
}

/// The inner message of an envelope that has both members.
Result<std::string_view> unwrap(std::optional<std::string_view> version,
                                std::optional<std::string_view> message) {
  if (!version || !message)
    return fail(Errc::kInvalid, "the envelope's version and message are not both texts");
  if (!version->starts_with("2.") && *version != "2")
    return fail(Errc::kUnsupported, "the envelope has the version \"{}\", not 2.x", version->substr(0, 20));
  return *message;
}

/// A body's JSON into a frame. simdjson is several times as fast as Boost.JSON; what it refuses, Boost.JSON
/// judges: it takes numbers beyond 64 bits, and says better what is wrong.
class BodyReader {
 public:
  enum class Layer : std::uint8_t { outer, inner };

  BodyReader(Frame& frame, const PlanOfType& plan_of, json::storage_ptr memory, dom::parser& parser,
             std::string& padded)
      : frame_(frame), plan_of_(plan_of), memory_(std::move(memory)), parser_(parser), padded_(padded) {}

  Result<void> read(std::string_view text, Layer layer) {
    padded_.assign(text);
    padded_.append(simdjson::SIMDJSON_PADDING, '\0');
    const std::size_t size = padded_.size() - simdjson::SIMDJSON_PADDING;
    dom::element root;
    if (parser_.parse(padded_.data(), size, false).get(root) != simdjson::SUCCESS)
      return read_slowly(std::string_view(padded_).substr(0, size), layer);
    dom::object members;
    if (root.get(members) != simdjson::SUCCESS) return no_object(layer);
    if (layer == Layer::outer) {
      const auto version = members.at_key("oslo.version"), message = members.at_key("oslo.message");
      if (version.error() == simdjson::SUCCESS && message.error() == simdjson::SUCCESS) {
        SENT_TRY_ASSIGN(const auto inner, unwrap(text_in(version), text_in(message)));
        return read(inner, Layer::inner);
      }
    }
    take(members);
    return {};
  }

 private:
  using Member = std::pair<std::string_view, dom::element>;

  /// What is read of context and payload is known with the type, which may stand behind them.
  void take(dom::object members) {
    boost::container::small_vector<Member, 64> later;
    for (const auto& [key, value] : members) {
      if (plan_of_ && Frame::is_planned(key))
        later.emplace_back(key, value);
      else if (json::value* const place = frame_.place_of(key))
        copy_element(value, *place);
    }
    if (!plan_of_) return;
    frame_.follow(plan_of_);
    for (const auto& [key, value] : later) frame_.take_planned(key, value);
  }

  static std::string_view name_of(Layer layer) {
    return layer == Layer::outer ? "the message" : "the inner message";
  }
  static std::unexpected<Error> no_object(Layer layer) {
    return fail(Errc::kInvalid, "{} is not a JSON object", name_of(layer));
  }

  Result<void> read_slowly(std::string_view text, Layer layer) {
    json::parse_options options;
    options.max_depth = kMaxNotificationDepth;
    boost::system::error_code error;
    json::value root = json::parse({text.data(), text.size()}, error, memory_, options);
    if (error)
      return fail(Errc::kInvalid, "{} of {} bytes is not JSON: {}", name_of(layer), text.size(),
                  error.message());
    if (!root.is_object()) return no_object(layer);
    json::object& members = root.get_object();
    if (layer == Layer::outer) {
      const auto *version = members.if_contains("oslo.version"),
                 *message = members.if_contains("oslo.message");
      if (version != nullptr && message != nullptr) {
        SENT_TRY_ASSIGN(const auto inner, unwrap(text_in(version), text_in(message)));
        return read(inner, Layer::inner);
      }
    }
    for (auto& member : members)
      if (json::value* const place = frame_.place_of(member.key())) *place = std::move(member.value());
    return {};
  }

  Frame& frame_;
  const PlanOfType& plan_of_;
  const json::storage_ptr memory_;
  dom::parser& parser_;
  std::string& padded_;
};

dom::parser new_parser() {
  dom::parser parser;
  // Without memory it has none, and says so when it parses.
  [[maybe_unused]] const auto allocated = parser.allocate(kParserBytes, kMaxNotificationDepth);
  return parser;
}

Result<Notification> read_into(const json::storage_ptr& memory, std::string_view body,
                               const PlanOfType& plan_of, dom::parser& parser, std::string& padded) {
  if (body.size() > kMaxNotificationBytes)
    return fail(Errc::kTooLarge, "the message has {} bytes, at most {}", body.size(), kMaxNotificationBytes);
  Frame frame(memory);
  SENT_TRY(BodyReader(frame, plan_of, memory, parser, padded).read(body, BodyReader::Layer::outer));
  return std::move(frame).finish();
}

}  // namespace

std::string_view Notification::context(std::string_view name) const {
  const auto* value = document.get_object().at("ctxt").get_object().if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

struct NotificationReader::Memory {
  dom::parser parser = new_parser();
  std::string padded;
  std::vector<unsigned char> scratch = std::vector<unsigned char>(kScratchBytes);
  json::monotonic_resource values{scratch.data(), scratch.size()};
};

NotificationReader::NotificationReader() : memory_(std::make_unique<Memory>()) {}
NotificationReader::~NotificationReader() = default;
NotificationReader::NotificationReader(NotificationReader&&) noexcept = default;
NotificationReader& NotificationReader::operator=(NotificationReader&&) noexcept = default;

Result<Notification> NotificationReader::read(std::string_view body, const PlanOfType& plan_of) {
  memory_->values.release();
  if (memory_->parser.capacity() > kMostParserBytes) {
    memory_->parser = new_parser();
    memory_->padded = std::string();
  }
  return read_into(&memory_->values, body, plan_of, memory_->parser, memory_->padded);
}

Result<Notification> parse_notification(std::string_view body) {
  dom::parser parser = new_parser();
  std::string padded;
  return read_into({}, body, {}, parser, padded);
}

}  // namespace sentinella::telemetry
