#include "api/prometheus/query_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <span>

#include "base/text.h"
#include "query/number_text.h"

namespace sentinella::api::prometheus {
namespace {

void append_whole(std::string& out, std::int64_t value) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

/// Seconds with the milliseconds that there are: 1435781451.781, 1435781451.
void append_time(std::string& out, std::int64_t ms) {
  if (ms < 0) out += '-';
  const std::int64_t magnitude = std::abs(ms);
  append_whole(out, magnitude / 1000);
  const auto fraction = static_cast<int>(magnitude % 1000);
  if (fraction == 0) return;
  out += '.';
  out += static_cast<char>('0' + fraction / 100);
  out += static_cast<char>('0' + fraction / 10 % 10);
  out += static_cast<char>('0' + fraction % 10);
}

void append_point(std::string& out, std::int64_t ms, double value) {
  out += '[';
  append_time(out, ms);
  out += ",\"";
  query::append_sample_value(out, value);
  out += "\"]";
}

/// The beginnings of points, `[1435781451.781,"`, written once for all rows.
class StepTexts {
 public:
  explicit StepTexts(const query::Steps& steps) {
    ends_.reserve(steps.count);
    for (std::size_t i = 0; i < steps.count; ++i) {
      text_ += '[';
      append_time(text_, steps.at(i));
      text_ += ",\"";
      ends_.push_back(text_.size());
      longest_ = std::max(longest_, (*this)[i].size());
    }
  }
  std::size_t longest() const { return longest_; }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
  std::size_t longest_ = 0;
};

/// The points of one row, written straight into the string's memory.
void append_points(std::string& out, std::span<const double> row, const StepTexts& steps) {
  const std::size_t begin = out.size();
  const std::size_t most = row.size() * (steps.longest() + query::kMaxSampleText + 3);
  out.resize_and_overwrite(begin + most, [&](char* text, std::size_t) {
    char* at = text + begin;
    for (std::size_t step = 0; step < row.size(); ++step) {
      if (query::is_absent(row[step])) continue;
      if (at != text + begin) *at++ = ',';
      at = std::ranges::copy(steps[step], at).out;
      at = query::write_sample_value(at, row[step]);
      *at++ = '"';
      *at++ = ']';
    }
    return static_cast<std::size_t>(at - text);
  });
}

void append_metric(std::string& out, const query::RowLabels& labels) {
  out += out.back() == '[' ? "{\"metric\":" : ",{\"metric\":";
  append_labels(out, labels);
}

void append_range_rows(std::string& out, const query::Answer& answer) {
  const StepTexts steps(answer.steps);
  for (std::size_t i = 0; i < answer.matrix.rows(); ++i) {
    append_metric(out, answer.matrix.labels[i]);
    out += ",\"values\":[";
    append_points(out, answer.matrix.row(i), steps);
    out += "]}";
  }
}

void append_raw(std::string& out, const query::Answer& answer) {
  for (const auto& series : answer.raw) {
    append_metric(out, series.labels);
    out += ",\"values\":[";
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      if (i > 0) out += ',';
      append_point(out, series.times_ms[i], series.values[i]);
    }
    out += "]}";
  }
}

void append_vector(std::string& out, const query::Answer& answer) {
  for (std::size_t i = 0; i < answer.matrix.rows(); ++i) {
    if (query::is_absent(answer.matrix.cells[i])) continue;
    append_metric(out, answer.matrix.labels[i]);
    out += ",\"value\":";
    append_point(out, answer.steps.first_ms, answer.matrix.cells[i]);
    out += '}';
  }
}

bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  while (plain < text.size() && is_plain(static_cast<unsigned char>(text[plain]))) ++plain;
  out += '"';
  if (plain == text.size()) {
    out += text;
    out += '"';
    return;
  }
  const auto valid = to_valid_utf8(text);
  for (const char c : valid) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (byte < 0x20)
      out += fmt::format("\\u{:04x}", byte);
    else
      out += c;
  }
  out += '"';
}

void append_labels(std::string& out, const query::RowLabels& labels) {
  out += '{';
  labels.for_each([&](const Label& label) {
    if (out.back() != '{') out += ',';
    append_json_text(out, label.name);
    out += ':';
    append_json_text(out, label.value);
  });
  out += '}';
}

std::string to_json(const query::Answer& answer, bool range) {
  std::string out;
  // About what a point takes; growing a large string costs more than writing it.
  std::size_t points = answer.matrix.cells.size();
  for (const auto& series : answer.raw) points += series.values.size();
  out.reserve(128 + (answer.matrix.rows() + answer.raw.size()) * 160 + points * 36);
  out = R"({"status":"success","data":{"resultType":)";
  if (range) {
    out += R"("matrix","result":[)";
    append_range_rows(out, answer);
    return out += "]}}";
  }
  switch (answer.type) {
    case query::ValueType::scalar:
      out += R"("scalar","result":)";
      append_point(out, answer.steps.first_ms, answer.matrix.cells[0]);
      return out += "}}";
    case query::ValueType::string:
      out += R"("string","result":[)";
      append_time(out, answer.steps.first_ms);
      out += ',';
      append_json_text(out, answer.text);
      return out += "]}}";
    case query::ValueType::matrix:
      out += R"("matrix","result":[)";
      append_raw(out, answer);
      return out += "]}}";
    default:
      out += R"("vector","result":[)";
      append_vector(out, answer);
      return out += "]}}";
  }
}

}  // namespace sentinella::api::prometheus
