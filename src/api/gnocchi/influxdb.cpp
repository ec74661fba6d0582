// InfluxDB's line protocol into resources: the tag that names the resource, metrics "measurement.field@tags".
#include <algorithm>

#include "api/gnocchi/handlers.h"
#include "api/gnocchi/pushed.h"
#include "api/gnocchi/things.h"
#include "api/request_body.h"
#include "base/text.h"
#include "codec/influx_line_text.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::string_view kCreate = "create database ";
constexpr std::size_t kMaxTags = 128;

/// Pieces between separators that no backslash stands before.
std::vector<std::string_view> split_unescaped(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '\\') {
      ++i;
    } else if (i >= text.size() || text[i] == separator) {
      pieces.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  return pieces;
}

struct Head {
  std::string measurement, resource, tags;  ///< tags: ",a=1,b=2" in order of their names
};

/// nullopt: not a head. An empty resource: no such tag.
std::optional<Head> read_head(std::string_view text, std::string_view resource_tag) {
  const auto pieces = split_unescaped(text, ',');
  if (pieces.empty() || pieces.front().empty() || pieces.size() > kMaxTags) return std::nullopt;
  Head head{codec::unescape_line(pieces.front()), {}, {}};
  std::map<std::string, std::string> tags;
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const auto pair = split_unescaped(pieces[i], '=');
    if (pair.size() != 2 || pair[0].empty() || pair[1].empty()) return std::nullopt;
    tags[codec::unescape_line(pair[0])] = codec::unescape_line(pair[1]);
  }
  if (const auto found = tags.find(std::string(resource_tag)); found != tags.end()) {
    head.resource = found->second;
    tags.erase(found);
  }
  for (const auto& [name, value] : tags) head.tags += (head.tags.empty() ? "@" : ",") + name + "=" + value;
  return head;
}

class LineReader {
 public:
  LineReader(std::string_view resource_tag, Time now) : tag_(resource_tag), now_(now) {}

  Outcome<void> read(std::string_view line, std::size_t number) {
    const auto bad = [&] { return refuse(400, "Unable to parse line {}", number); };
    const char* const end = line.data() + line.size();
    const char* at = codec::find_end_of_head(line.data(), end);
    if (at == nullptr) return bad();
    const auto head = read_head({line.data(), at}, tag_);
    if (!head) return bad();
    if (head->resource.empty()) return refuse(400, "Unable to find key `{}' in line {}", tag_, number);
    if (head->resource.contains('/')) return refuse(400, "'/' is not supported in resource id");
    std::vector<std::pair<std::string, double>> fields;
    ++at;
    while (at < end) {
      const char* const equals = std::find(at, end, '=');
      if (equals == at || equals == end) return bad();
      const std::string field = codec::unescape_line({at, equals});
      at = equals + 1;
      double value = 0;
      const auto kind = codec::scan_field_value(at, end, value);
      if (kind == codec::FieldKind::bad) return bad();
      if (kind == codec::FieldKind::sample) fields.emplace_back(field, value);
      if (at == end || *at != ',') break;
      ++at;
    }
    Time when = now_;
    if (const auto rest = trim({at, end}); !rest.empty()) {
      const auto ns = parse_uint(rest);
      if (!ns || *ns > static_cast<std::uint64_t>(INT64_MAX)) return bad();
      when = Time{static_cast<std::int64_t>(*ns)};
    }
    for (const auto& [field, value] : fields) add(*head, field, when, value);
    return {};
  }
  Pushed& pushed() { return pushed_; }

 private:
  void add(const Head& head, const std::string& field, Time at, double value) {
    std::string name = head.measurement + "." + field + head.tags;
    std::ranges::replace(name, '/', '_');
    auto& metric = pushed_[head.resource].metrics[name];
    metric.times.push_back(at);
    metric.values.push_back(value);
  }

  std::string_view tag_;
  Time now_;
  Pushed pushed_;
};

Outcome<Pushed> read_lines(Call& call) {
  SENT_TRY_ASSIGN(const std::string body, take_body(call.request));
  std::string_view tag = call.request.headers.get("X-Gnocchi-InfluxDB-Tag-Resource-ID");
  if (tag.empty()) tag = "host";
  LineReader reader(tag, call.now);
  std::size_t number = 0;
  for (auto line : split(body, '\n')) {
    ++number;
    line = trim(line);
    if (!line.empty() && line.front() != '#') SENT_TRY(reader.read(line, number));
  }
  return std::move(reader.pushed());
}

}  // namespace

Outcome<Reply> influxdb_ping(Call& call) {
  Reply reply = empty_answer(204);
  reply.headers.set("X-Influxdb-Version", "1.8-sentinella-" + call.server.info.version);
  return reply;
}

Outcome<Reply> influxdb_query(Call& call) {
  std::string query = call.query.first("q").value_or("");
  if (query.empty())
    for (auto& [name, value] : net::parse_query(call.request.body))
      if (name == "q") query = value;
  if (!to_lower(query).starts_with(kCreate))
    return refuse_because(501, "Not implemented error", "Query not implemented", "q");
  if (!call.who.admin && !call.who.service) return denied();
  catalog::ResourceType type;
  std::string_view name = trim(std::string_view(query).substr(kCreate.size()));
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  type.name = name;
  if (name.empty() || name.size() > 255 || name.contains('/'))
    return bad_argument("q", "the name is not one of a resource type");
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (edit.rules().type(type.name) == nullptr) SENT_TRY(edit.put_type(type));
    return {};
  });
  SENT_TRY(edited);
  return empty_answer(204);
}

void influxdb_write(Call& call, Finish finish) {
  const std::string database = call.query.first("db").value_or("influxdb");
  const auto rules = call.rules();
  const auto type = find_type(*rules, database);
  if (!type) return finish(Failure(type.error()));
  auto pushed = read_lines(call);
  if (!pushed) return finish(Failure(std::move(pushed).error()));
  store_pushed(call, **type, *pushed, std::move(finish), 204);
}

}  // namespace sentinella::api::gnocchi
