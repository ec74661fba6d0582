#include "api/gnocchi/measures_body.h"

#include <cmath>
#include <memory>

#include <simdjson.h>

#include "api/gnocchi/time_text.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

namespace ondemand = simdjson::ondemand;

/// Thrown away with the body: what is wrong with it. The library's own error means that it is no JSON.
class BodyReader {
 public:
  explicit BodyReader(Time now) : now_(now) {}

  enum class Shape { list, by_metric, by_resource };

  Outcome<MeasureBody> read(std::string& body, Shape shape) {
    static thread_local ondemand::parser parser;
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    ondemand::document document;
    auto error = parser.iterate(body, body.size() + simdjson::SIMDJSON_PADDING).get(document);
    if (!error) error = read_document(document, shape);
    if (!error && problem_.empty() && document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      error = simdjson::TRAILING_CONTENT;
    if (!problem_.empty()) return invalid_problem();
    if (error) return not_json(body, error);
    return std::move(out_);
  }

 private:
  using Fault = simdjson::error_code;

  static Failure not_json(std::string_view body, Fault error) {
    if (trim(body).empty())
      return refuse_because(400, "Unable to decode body", "Expected object or value", boost::json::array());
    return refuse_because(400, "Unable to decode body", simdjson::error_message(error), boost::json::array());
  }
  Failure invalid_problem() const {
    return refuse_because(400, "Invalid input", problem_, boost::json::array());
  }
  Fault object_to(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return simdjson::SUCCESS;
  }

  Fault read_document(ondemand::document& document, Shape shape) {
    ondemand::json_type type{};
    if (const auto error = document.type().get(type)) return error;
    if (shape == Shape::list) {
      if (type != ondemand::json_type::array) return object_to("unexpected measures format");
      out_.groups.emplace_back();
      ondemand::array list;
      if (const auto error = document.get_array().get(list)) return error;
      return read_list(list);
    }
    if (type != ondemand::json_type::object) return object_to("expected a dictionary");
    ondemand::object groups;
    if (const auto error = document.get_object().get(groups)) return error;
    for (auto field : groups) {
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return error;
      ondemand::value value;
      if (const auto error = field.value().get(value)) return error;
      if (shape == Shape::by_metric) {
        out_.groups.emplace_back().metric = key;
        if (const auto error = read_list(value)) return error;
      } else if (const auto error = read_resource(std::string(key), value)) {
        return error;
      }
      if (!problem_.empty()) return simdjson::SUCCESS;
    }
    return simdjson::SUCCESS;
  }

  Fault read_resource(const std::string& resource, ondemand::value of) {
    ondemand::json_type type{};
    if (const auto error = of.type().get(type)) return error;
    if (type != ondemand::json_type::object) return object_to("expected a dictionary for a resource");
    ondemand::object metrics;
    if (const auto error = of.get_object().get(metrics)) return error;
    for (auto field : metrics) {
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return error;
      auto& group = out_.groups.emplace_back();
      group.resource = resource;
      group.metric = key;
      ondemand::value value;
      if (const auto error = field.value().get(value)) return error;
      if (const auto error = read_metric(value)) return error;
      if (!problem_.empty()) return simdjson::SUCCESS;
    }
    return simdjson::SUCCESS;
  }

  /// A list, or an object with one.
  Fault read_metric(ondemand::value value) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    if (type != ondemand::json_type::object) return read_list(value);
    ondemand::object parts;
    bool measures = false;
    if (const auto error = value.get_object().get(parts)) return error;
    for (auto field : parts) {
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return error;
      ondemand::value part;
      if (const auto error = field.value().get(part)) return error;
      if (key == "measures") {
        measures = true;
        if (const auto error = read_list(part)) return error;
      } else if (key == "archive_policy_name") {
        if (const auto error = read_text(part, out_.groups.back().policy)) return error;
      } else if (key == "unit") {
        if (const auto error = read_text(part, out_.groups.back().unit)) return error;
      } else {
        return object_to("extra keys not allowed: " + to_valid_utf8(key.substr(0, 60)));
      }
      if (!problem_.empty()) return simdjson::SUCCESS;
    }
    return measures ? simdjson::SUCCESS : object_to("required key not provided: measures");
  }

  Fault read_text(ondemand::value value, std::optional<std::string>& to) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    if (type == ondemand::json_type::null) return simdjson::SUCCESS;
    if (type != ondemand::json_type::string) return object_to("expected str");
    std::string_view text;
    if (const auto error = value.get_string().get(text)) return error;
    to = std::string(text);
    return simdjson::SUCCESS;
  }

  Fault read_list(ondemand::value value) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    if (type != ondemand::json_type::array) return object_to("unexpected measures format");
    ondemand::array list;
    if (const auto error = value.get_array().get(list)) return error;
    return read_list(list);
  }

  Fault read_list(ondemand::array& list) {
    auto& group = out_.groups.back();
    group.first = out_.times.size();
    kind_.reset();
    for (auto entry : list) {
      ondemand::value measure;
      if (const auto error = entry.get(measure)) return error;
      if (const auto error = read_measure(measure)) return error;
      if (!problem_.empty()) return simdjson::SUCCESS;
      if (out_.times.size() > kMaxMeasures) return object_to("too many measures in one request");
    }
    group.count = out_.times.size() - group.first;
    return simdjson::SUCCESS;
  }

  Fault read_measure(ondemand::value measure) {
    ondemand::json_type type{};
    if (const auto error = measure.type().get(type)) return error;
    if (type != ondemand::json_type::object) return object_to("unexpected measures format");
    ondemand::object parts;
    bool timed = false, valued = false;
    if (const auto error = measure.get_object().get(parts)) return error;
    for (auto field : parts) {
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return error;
      ondemand::value part;
      if (const auto error = field.value().get(part)) return error;
      if (key == "timestamp" && !timed) {
        timed = true;
        if (const auto error = read_time(part)) return error;
      } else if (key == "value" && !valued) {
        valued = true;
        if (const auto error = read_value(part)) return error;
      } else {
        return object_to("unexpected measures format");
      }
      if (!problem_.empty()) return simdjson::SUCCESS;
    }
    return timed && valued ? simdjson::SUCCESS : object_to("unexpected measures format");
  }

  Fault read_time(ondemand::value value) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    std::string_view text;
    std::optional<Stamp> stamp;
    if (type == ondemand::json_type::string) {
      if (const auto error = value.get_string().get(text)) return error;
      stamp = parse_stamp(text, now_);
    } else if (type == ondemand::json_type::number) {
      text = trim(value.raw_json_token());
      if (const auto seconds = parse_seconds(text)) stamp = Stamp{{*seconds}, StampKind::number};
    } else {
      return object_to("unexpected measures format");
    }
    if (!stamp || (kind_ && *kind_ != stamp->kind))
      return object_to(fmt::format("unexpected timestamp '{}'", to_valid_utf8(text.substr(0, 60))));
    if (stamp->at.ns < 0) return object_to("Timestamp must be after Epoch");
    kind_ = stamp->kind;
    out_.times.push_back(stamp->at);
    return simdjson::SUCCESS;
  }

  Fault read_value(ondemand::value value) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    double number = 0;
    if (type == ondemand::json_type::number) {
      if (const auto error = value.get_double().get(number)) return error;
    } else if (type == ondemand::json_type::boolean) {
      bool flag = false;
      if (const auto error = value.get_bool().get(flag)) return error;
      number = flag ? 1 : 0;
    } else if (type == ondemand::json_type::string) {
      std::string_view text;
      if (const auto error = value.get_string().get(text)) return error;
      const auto read = parse_double(trim(text));
      if (!read) return object_to("unexpected measures value");
      number = *read;
    } else {
      return object_to("unexpected measures value");
    }
    out_.values.push_back(number);
    return simdjson::SUCCESS;
  }

  const Time now_;
  MeasureBody out_;
  std::string problem_;
  std::optional<StampKind> kind_;  ///< of the list's first timestamp
};

}  // namespace

Outcome<MeasureBody> read_measures(std::string& body, Time now) {
  return BodyReader(now).read(body, BodyReader::Shape::list);
}

Outcome<MeasureBody> read_metric_batch(std::string& body, Time now) {
  return BodyReader(now).read(body, BodyReader::Shape::by_metric);
}

Outcome<MeasureBody> read_resource_batch(std::string& body, Time now) {
  return BodyReader(now).read(body, BodyReader::Shape::by_resource);
}

}  // namespace sentinella::api::gnocchi
