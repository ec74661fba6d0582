#include "rules/alert_template.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <variant>
#include <vector>

#include <re2/re2.h>

#include "base/text.h"
#include "base/time.h"
#include "query/number_text.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxText = 16 << 10;
constexpr int kMaxDepth = 20;

using Value = std::variant<std::string, double, bool>;

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return query::number_text(std::get<double>(value));
}

Result<double> to_number(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto parsed = parse_double(text_of(value))) return *parsed;
  return fail(Errc::kInvalid, "\"{}\" is not a number", text_of(value).substr(0, 40));
}

bool is_true(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return !text->empty();
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  return std::get<double>(value) != 0;
}

// ---- functions

std::string scaled(double value, double base, const char* const* prefixes, int count) {
  int i = 0;
  while (std::fabs(value) >= base && i < count) value /= base, ++i;
  return fmt::format("{:.4g}{}", value, i == 0 ? "" : prefixes[i - 1]);
}

std::string humanize(double value) {
  static constexpr const char* kLarge[] = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
  static constexpr const char* kSmall[] = {"m", "u", "n", "p", "f", "a", "z", "y"};
  if (value == 0 || !std::isfinite(value)) return fmt::format("{:.4g}", value);
  if (std::fabs(value) >= 1) return scaled(value, 1000, kLarge, 8);
  int i = 0;
  while (std::fabs(value) < 1 && i < 8) value *= 1000, ++i;
  return fmt::format("{:.4g}{}", value, kSmall[i - 1]);
}

std::string humanize1024(double value) {
  static constexpr const char* kLarge[] = {"ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};
  if (std::fabs(value) <= 1 || !std::isfinite(value)) return fmt::format("{:.4g}", value);
  return scaled(value, 1024, kLarge, 8);
}

std::string humanize_duration(double value) {
  if (!std::isfinite(value)) return fmt::format("{:.4g}", value);
  if (value == 0) return "0s";
  if (std::fabs(value) < 1) return humanize(value) + "s";
  const std::string sign = value < 0 ? "-" : "";
  const auto seconds = static_cast<std::int64_t>(std::min(std::fabs(value), 9e15));
  const auto days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
  if (days != 0) return fmt::format("{}{}d {}h {}m {}s", sign, days, hours, minutes, seconds % 60);
  if (hours != 0) return fmt::format("{}{}h {}m {}s", sign, hours, minutes, seconds % 60);
  if (minutes != 0) return fmt::format("{}{}m {}s", sign, minutes, seconds % 60);
  return fmt::format("{}{:.4g}s", sign, std::fabs(value));
}

std::string title(std::string text) {
  bool start = true;
  for (char& c : text) {
    if (start) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    start = std::isspace(static_cast<unsigned char>(c)) != 0;
  }
  return text;
}

std::string to_upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// The verbs that rules use: %s %v %q %d %f %g %e with width and precision.
Result<Value> print_formatted(const std::vector<Value>& arguments) {
  if (arguments.empty()) return fail(Errc::kInvalid, "printf needs a format");
  const std::string format = text_of(arguments[0]);
  std::string out;
  std::size_t next = 1;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out.push_back(format[i]);
      continue;
    }
    std::string spec;
    while (++i < format.size() && (std::isdigit(static_cast<unsigned char>(format[i])) || format[i] == '.' ||
                                   format[i] == '-' || format[i] == '+'))
      spec.push_back(format[i]);
    if (i >= format.size()) return fail(Errc::kInvalid, "printf: the format ends after %");
    const char verb = format[i];
    if (verb == '%') {
      out.push_back('%');
      continue;
    }
    if (next >= arguments.size() || spec.size() > 8)
      return fail(Errc::kInvalid, "printf: nothing to print for %{}{}", spec, verb);
    const Value& argument = arguments[next++];
    if (verb == 's' || verb == 'v') {
      out += text_of(argument);
    } else if (verb == 'q') {
      out += '"' + text_of(argument) + '"';
    } else if (verb == 'd' || verb == 'f' || verb == 'g' || verb == 'e') {
      SENT_TRY_ASSIGN(const double number, to_number(argument));
      const std::string width = spec.substr(0, spec.find('.'));
      if (width.size() > 2 || (spec.contains('.') && spec.size() - spec.find('.') > 3))
        return fail(Errc::kInvalid, "printf: too wide: %{}{}", spec, verb);
      char buffer[400];
      const std::string c_format = verb == 'd' ? "%" + width + ".0f" : "%" + spec + verb;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      std::snprintf(buffer, sizeof buffer, c_format.c_str(), number);
#pragma GCC diagnostic pop
      out += buffer;
    } else {
      return fail(Errc::kInvalid, "printf: unknown %{}", verb);
    }
  }
  return Value(out);
}

Result<Value> compare(std::string_view name, const std::vector<Value>& arguments) {
  if (arguments.size() < 2) return fail(Errc::kInvalid, "{} needs two values", name);
  const auto a = to_number(arguments[0]), b = to_number(arguments[1]);
  const bool numbers = a.has_value() && b.has_value();
  const std::string x = text_of(arguments[0]), y = text_of(arguments[1]);
  const bool less = numbers ? *a < *b : x < y;
  const bool equal = numbers ? *a == *b : x == y;
  if (name == "eq") return Value(equal);
  if (name == "ne") return Value(!equal);
  if (name == "lt") return Value(less);
  if (name == "le") return Value(less || equal);
  if (name == "gt") return Value(!less && !equal);
  return Value(!less);
}

Result<Value> call_text_function(std::string_view name, const std::vector<Value>& arguments) {
  const std::string text = text_of(arguments.back());
  if (name == "title") return Value(title(text));
  if (name == "toUpper") return Value(to_upper(text));
  if (name == "toLower") return Value(to_lower(text));
  if (name == "stripPort") return Value(text.substr(0, text.rfind(':')));
  if (name == "stripDomain") return Value(text.substr(0, text.find('.')));
  if (name == "len") return Value(static_cast<double>(text.size()));
  if (name == "not") return Value(!is_true(arguments.back()));
  if (name == "parseDuration") {
    SENT_TRY_ASSIGN(const Duration span, parse_duration(text));
    return Value(std::chrono::duration<double>(span).count());
  }
  if (name == "print") {
    std::string out;
    for (const Value& one : arguments) out += text_of(one);
    return Value(out);
  }
  SENT_TRY_ASSIGN(const double number, to_number(arguments.back()));
  if (name == "humanize") return Value(humanize(number));
  if (name == "humanize1024") return Value(humanize1024(number));
  if (name == "humanizeDuration") return Value(humanize_duration(number));
  if (name == "humanizePercentage") return Value(fmt::format("{:.4g}%", number * 100));
  if (name == "humanizeTimestamp") return Value(to_rfc3339(Time{static_cast<std::int64_t>(number * 1e9)}));
  return fail(Errc::kInvalid, "function \"{}\" not defined", name);
}

Result<Value> call(std::string_view name, const std::vector<Value>& arguments) {
  if (name == "printf") return print_formatted(arguments);
  if (name == "eq" || name == "ne" || name == "lt" || name == "le" || name == "gt" || name == "ge")
    return compare(name, arguments);
  if (arguments.empty())
    return fail(Errc::kInvalid, "function \"{}\" without arguments, or not defined", name);
  if (name == "and" || name == "or") {
    for (const Value& one : arguments)
      if (is_true(one) == (name == "or")) return one;
    return arguments.back();
  }
  if (name == "match" || name == "reReplaceAll") {
    if (arguments.size() != (name == "match" ? 2u : 3u))
      return fail(Errc::kInvalid, "{}: too few arguments", name);
    const re2::RE2 pattern(text_of(arguments[0]), re2::RE2::Quiet);
    if (!pattern.ok()) return fail(Errc::kInvalid, "{}: {}", name, pattern.error());
    std::string text = text_of(arguments.back());
    if (name == "match") return Value(re2::RE2::PartialMatch(text, pattern));
    std::string with = text_of(arguments[1]);
    std::ranges::replace(with, '$', '\\');
    re2::RE2::GlobalReplace(&text, pattern, with);
    return Value(text);
  }
  return call_text_function(name, arguments);
}

// ---- expressions inside {{ }}

class Expression {
 public:
  Expression(std::string_view text, const TemplateValues& values) : text_(text), values_(values) {}

  Result<Value> evaluate() {
    SENT_TRY_ASSIGN(Value value, pipeline(0));
    skip();
    if (at_ != text_.size()) return fail(Errc::kInvalid, "unexpected \"{}\"", text_.substr(at_, 20));
    return value;
  }

 private:
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view word() {
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' ||
            text_[at_] == '.' || text_[at_] == '$' || text_[at_] == '-' || text_[at_] == '+'))
      ++at_;
    return text_.substr(start, at_ - start);
  }
  static bool is_function(std::string_view name) {
    return !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0 && name != "true" &&
           name != "false";
  }

  Result<Value> pipeline(int depth) {
    if (depth > kMaxDepth) return fail(Errc::kInvalid, "too many parentheses");
    SENT_TRY_ASSIGN(Value value, command(depth, nullptr));
    while (take('|')) {
      SENT_TRY_ASSIGN(Value next, command(depth, &value));
      value = std::move(next);
    }
    return value;
  }

  Result<Value> command(int depth, const Value* piped) {
    skip();
    const std::size_t start = at_;
    const std::string_view name = word();
    if (!is_function(name)) {
      if (piped != nullptr) return fail(Errc::kInvalid, "a function expected after |");
      at_ = start;
      return operand(depth);
    }
    std::vector<Value> arguments;
    for (skip(); at_ < text_.size() && text_[at_] != '|' && text_[at_] != ')'; skip()) {
      SENT_TRY_ASSIGN(Value argument, operand(depth));
      arguments.push_back(std::move(argument));
    }
    if (piped != nullptr) arguments.push_back(*piped);
    return call(name, arguments);
  }

  Result<Value> operand(int depth) {
    skip();
    if (take('(')) {
      SENT_TRY_ASSIGN(Value value, pipeline(depth + 1));
      if (!take(')')) return fail(Errc::kInvalid, "')' is missing");
      return value;
    }
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '`')) return quoted();
    const std::string_view name = word();
    if (name == "true" || name == "false") return Value(name == "true");
    if (name == "$value" || name == ".Value") return Value(values_.value);
    if (name == "$externalURL" || name == ".ExternalURL") return Value(std::string(values_.external_url));
    for (const std::string_view prefix : {"$labels.", ".Labels."})
      if (name.starts_with(prefix)) return Value(std::string(values_.labels.get(name.substr(prefix.size()))));
    for (const std::string_view prefix : {"$externalLabels.", ".ExternalLabels."})
      if (name.starts_with(prefix)) return Value(std::string());
    if (name == "$labels" || name == ".Labels") return Value(values_.labels.to_string());
    if (const auto number = parse_double(name)) return Value(*number);
    return fail(Errc::kInvalid, "unexpected \"{}\"", name.empty() ? text_.substr(at_, 20) : name);
  }

  Result<Value> quoted() {
    const char quote = text_[at_++];
    std::string out;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        out.push_back(text_[at_] == 'n' ? '\n' : text_[at_] == 't' ? '\t' : text_[at_]);
      } else {
        out.push_back(text_[at_]);
      }
    }
    if (at_ == text_.size()) return fail(Errc::kInvalid, "a text in quotes does not end");
    ++at_;
    return Value(std::move(out));
  }

  std::string_view text_;
  const TemplateValues& values_;
  std::size_t at_ = 0;
};

// ---- text and actions

struct Piece {
  bool action = false;
  std::string_view text;
};

/// Text between actions, trimmed where a marker {{- or -}} asks for it; comments are left out.
Result<std::vector<Piece>> pieces_of(std::string_view text) {
  std::vector<Piece> out;
  bool trim_next = false;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    std::string_view plain = text.substr(0, open);
    if (trim_next) plain.remove_prefix(std::min(plain.find_first_not_of(" \t\r\n"), plain.size()));
    trim_next = false;
    if (open == std::string_view::npos) {
      out.push_back({false, plain});
      break;
    }
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return fail(Errc::kInvalid, "the template's {{{{ has no }}}}");
    std::string_view action = text.substr(open + 2, close - open - 2);
    text.remove_prefix(close + 2);
    if (action.starts_with("- ")) {
      action.remove_prefix(2);
      plain = plain.substr(0, plain.find_last_not_of(" \t\r\n") + 1);
    }
    if (action.ends_with(" -")) {
      action.remove_suffix(2);
      trim_next = true;
    }
    out.push_back({false, plain});
    action = trim(action);
    if (!action.starts_with("/*")) out.push_back({true, action});
  }
  return out;
}

/// A branch that is under way.
struct Branch {
  bool taken = false;    ///< one of its arms has been
  bool writing = false;  ///< this arm is
};

std::string_view first_word(std::string_view action) {
  return action.substr(0, std::min(action.find_first_of(" \t\n("), action.size()));
}

/// Walks the pieces; without values only the form is looked at.
Result<std::string> walk(std::string_view text, const TemplateValues* values) {
  SENT_TRY_ASSIGN(const auto pieces, pieces_of(text));
  std::string out;
  std::vector<Branch> branches;
  const auto writing = [&] { return std::ranges::all_of(branches, &Branch::writing); };
  const auto holds = [&](std::string_view condition) -> Result<bool> {
    if (values == nullptr || !std::ranges::all_of(branches.begin(), branches.end() - 1, &Branch::writing))
      return false;
    SENT_TRY_ASSIGN(const Value value, Expression(condition, *values).evaluate());
    return is_true(value);
  };
  for (const Piece& piece : pieces) {
    if (!piece.action) {
      if (writing()) out += piece.text;
    } else if (const std::string_view word = first_word(piece.text); word == "if") {
      branches.push_back({});
      SENT_TRY_ASSIGN(branches.back().writing, holds(trim(piece.text.substr(2))));
      branches.back().taken = branches.back().writing;
    } else if (word == "else" || word == "end") {
      if (branches.empty()) return fail(Errc::kInvalid, "{} without an if", word);
      if (word == "end") {
        branches.pop_back();
        continue;
      }
      Branch& branch = branches.back();
      const std::string_view rest = trim(piece.text.substr(4));
      const bool open = !branch.taken;
      branch.writing = open && rest.empty();
      if (open && rest.starts_with("if")) {
        SENT_TRY_ASSIGN(branch.writing, holds(trim(rest.substr(2))));
      }
      branch.taken = branch.taken || branch.writing;
    } else if (word == "range" || word == "with" || word == "define" || word == "template") {
      return fail(Errc::kUnsupported, "{} is not supported in alert templates here", word);
    } else if (values != nullptr && writing()) {
      SENT_TRY_ASSIGN(const Value value, Expression(piece.text, *values).evaluate());
      out += text_of(value);
    }
    if (out.size() > kMaxText) return fail(Errc::kTooLarge, "over {} bytes", kMaxText);
  }
  if (!branches.empty()) return fail(Errc::kInvalid, "an if has no end");
  return out;
}

}  // namespace

Result<void> check_template(std::string_view text) {
  const auto walked = walk(text, nullptr);
  // What is understood but not supported shows up in the alert's text; the alert must not be lost for it.
  if (walked || walked.error().code != Errc::kInvalid) return {};
  return std::unexpected(walked.error());
}

std::string expand_template(std::string_view text, const TemplateValues& values) {
  if (text.find("{{") == std::string_view::npos) return std::string(text);
  auto out = walk(text, &values);
  if (out) return *std::move(out);
  return fmt::format("<error expanding template: {}>", out.error().message);
}

}  // namespace sentinella::rules
