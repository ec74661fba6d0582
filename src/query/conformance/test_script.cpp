#include "query/conformance/test_script.h"

#include <algorithm>

#include <re2/re2.h>

#include "base/text.h"
#include "query/lexer.h"
#include "query/matrix.h"

namespace sentinella::query::conformance {
namespace {

/// A number as the scripts write it, with an optional sign.
Result<double> signed_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  SENT_TRY_ASSIGN(const double value, parse_number(text));
  return negative ? -value : value;
}

/// "1", "_", "stale", "1x3" (once and three times more), "1+2x3", "_x3" (three times).
Result<void> read_values(std::string_view text, std::vector<std::optional<double>>& values) {
  static const RE2 pattern(
      "(_|stale|[+-]?(?:[0-9.]+(?:[eE][+-]?[0-9]+)?|(?i:inf|nan)))([+-][0-9.]+(?:[eE][+-]?[0-9]+)?)?(?:x([0-"
      "9]+))?");
  std::string first, step, times;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &first, &step, &times))
    return fail(Errc::kInvalid, "\"{}\" is no series value", text);
  const std::uint64_t more = times.empty() ? 0 : parse_uint(times).value_or(0);
  if (first == "_") {
    values.insert(values.end(), times.empty() ? 1 : more, std::nullopt);
    return {};
  }
  double value = kAbsent;
  if (first != "stale") {
    SENT_TRY_ASSIGN(value, signed_number(first));
  }
  double increment = 0;
  if (!step.empty()) {
    SENT_TRY_ASSIGN(increment, signed_number(step));
  }
  values.emplace_back(value);
  for (std::uint64_t i = 0; i < more; ++i) {
    if (!step.empty()) value += increment;
    values.emplace_back(value);
  }
  return {};
}

constexpr std::string_view kBlanks = " \t";
bool is_blank(char c) {
  return kBlanks.contains(c);
}

/// Where the metric's text ends and its values begin.
std::size_t end_of_metric(std::string_view line) {
  char quote = 0;
  bool braces = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (braces && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '{') {
      braces = true;
    } else if (c == '}') {
      return i + 1;
    } else if (is_blank(c) && !braces && line.find_first_not_of(kBlanks, i) != line.find('{', i)) {
      return i;
    }
  }
  return line.size();
}

Result<SeriesLine> read_series(std::string_view line) {
  const auto end = end_of_metric(line);
  const auto metric = line.substr(0, end);
  SeriesLine series;
  std::vector<Label> labels;
  const auto tokens = tokenize(metric);
  const auto text_of = [&](const Token& token) {
    return metric.substr(token.at.begin, token.at.end - token.at.begin);
  };
  if (tokens.back().kind == TokenKind::error) return fail(Errc::kInvalid, "{}", tokens.back().message);
  if (tokens[0].kind != TokenKind::left_brace)
    labels.push_back({std::string(kMetricName), std::string(text_of(tokens[0]))});
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i + 1].kind != TokenKind::assign) continue;
    SENT_TRY_ASSIGN(auto value, unquote(text_of(tokens[i + 2])));
    labels.push_back({std::string(text_of(tokens[i])), std::move(value)});
  }
  series.labels = Labels(std::move(labels));
  std::size_t at = line.find_first_not_of(kBlanks, end);
  while (at != std::string_view::npos) {
    const auto stop = std::min(line.find_first_of(kBlanks, at), line.size());
    SENT_TRY(read_values(line.substr(at, stop - at), series.values));
    at = line.find_first_not_of(kBlanks, stop);
  }
  return series;
}

class Script {
 public:
  explicit Script(std::string_view text) {
    for (const auto line : split(text, '\n')) {
      const auto trimmed = trim(line);
      lines_.push_back(trimmed.starts_with('#') ? std::string_view() : trimmed);
    }
  }

  Result<std::vector<Command>> parse() {
    std::vector<Command> commands;
    for (; at_ < lines_.size(); ++at_) {
      const auto line = lines_[at_];
      if (line.empty()) continue;
      auto command = line == "clear"            ? Result<Command>(Clear{})
                     : line.starts_with("load") ? load(line)
                     : line.starts_with("eval") ? eval(line)
                                                : fail(Errc::kInvalid, "invalid command \"{}\"", line);
      if (!command) return fail(Errc::kInvalid, "line {}: {}", at_ + 1, command.error().message);
      commands.push_back(*std::move(command));
    }
    return commands;
  }

 private:
  /// The next line of a block; empty at its end.
  std::string_view next() { return at_ + 1 < lines_.size() && !lines_[at_ + 1].empty() ? lines_[++at_] : ""; }

  Result<Command> load(std::string_view line) {
    Load load;
    SENT_TRY_ASSIGN(load.gap_ms, parse_duration_ms(trim(line.substr(4))));
    for (auto row = next(); !row.empty(); row = next()) {
      SENT_TRY_ASSIGN(auto series, read_series(row));
      load.series.push_back(std::move(series));
    }
    return load;
  }

  Result<Command> eval(std::string_view line) {
    static const RE2 pattern("eval(?:_(fail|ordered))?\\s+instant\\s+(?:at\\s+(.+?))?\\s+(.+)");
    std::string mode, at;
    Eval eval{.line = at_ + 1, .query = {}, .scalar = {}, .series = {}};
    if (!RE2::FullMatch(re2::StringPiece(line.data(), line.size()), pattern, &mode, &at, &eval.query))
      return fail(Errc::kInvalid, "invalid evaluation command");
    SENT_TRY_ASSIGN(eval.at_ms, parse_duration_ms(at));
    eval.must_fail = mode == "fail";
    eval.ordered = mode == "ordered";
    for (auto row = next(); !row.empty(); row = next()) {
      if (const auto number = signed_number(row)) {
        eval.scalar = *number;
        break;
      }
      SENT_TRY_ASSIGN(auto series, read_series(row));
      eval.series.push_back(std::move(series));
    }
    return eval;
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Command>> parse_script(std::string_view text) {
  return Script(text).parse();
}

}  // namespace sentinella::query::conformance
