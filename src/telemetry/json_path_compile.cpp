#include <cctype>

#include <re2/re2.h>

#include "base/text.h"
#include "telemetry/json_path_program.h"

namespace sentinella::telemetry {
namespace {

constexpr int kMaxPathDepth = 32;
constexpr std::size_t kMaxText = 4096;

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '@' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  text = trim(text);
  const bool negative = text.starts_with('-');
  const auto number = parse_uint(negative ? text.substr(1) : text);
  if (!number || *number > 1'000'000) return std::nullopt;
  return negative ? -static_cast<std::int64_t>(*number) : static_cast<std::int64_t>(*number);
}

std::string_view unquote(std::string_view text) {
  text = trim(text);
  const bool quoted = text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0];
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

Result<std::unique_ptr<JsonPath::Program>> PathCompiler::compile(std::string_view text) {
  if (text.size() > kMaxText)
    return fail(Errc::kTooLarge, "a path has {} bytes, at most {}", text.size(), kMaxText);
  PathCompiler compiler(text);
  SENT_TRY_ASSIGN(compiler.program_->root, compiler.choice(0));
  compiler.skip_blanks();
  if (compiler.at_ != text.size()) return compiler.expected("the end");
  const PathNode& root = compiler.program_->nodes[compiler.program_->root];
  compiler.program_->only_fields = root.kind == PathNode::Kind::path;
  for (const PathStep& step : root.steps)
    compiler.program_->only_fields &= step.kind == PathStep::Kind::field;
  return std::move(compiler.program_);
}

std::unexpected<Error> PathCompiler::expected(std::string_view what) const {
  return fail(Errc::kInvalid, "the path \"{}\" has at character {} not {}", text_, at_ + 1, what);
}

NodeIndex PathCompiler::add(PathNode node) {
  program_->nodes.push_back(std::move(node));
  return program_->nodes.size() - 1;
}

NodeIndex PathCompiler::binary(PathNode::Kind kind, NodeIndex left, NodeIndex right) {
  PathNode node;
  node.kind = kind;
  node.operands = {left, right};
  return add(std::move(node));
}

void PathCompiler::skip_blanks() {
  while (peek() == ' ' || peek() == '\t' || peek() == '\n') ++at_;
}

bool PathCompiler::take(char c) {
  if (peek() != c || at_ >= text_.size()) return false;
  ++at_;
  return true;
}

bool PathCompiler::take(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

Result<NodeIndex> PathCompiler::choice(int depth) {
  if (depth > kMaxPathDepth) return expected("so many parentheses");
  SENT_TRY_ASSIGN(const NodeIndex first, sum(depth));
  PathNode node;
  node.kind = PathNode::Kind::either;
  node.operands.push_back(first);
  for (skip_blanks(); take('|'); skip_blanks()) {
    SENT_TRY_ASSIGN(const NodeIndex next, sum(depth));
    node.operands.push_back(next);
  }
  return node.operands.size() == 1 ? first : add(std::move(node));
}

Result<NodeIndex> PathCompiler::sum(int depth) {
  SENT_TRY_ASSIGN(NodeIndex left, product(depth));
  for (skip_blanks(); peek() == '+' || peek() == '-'; skip_blanks()) {
    const auto kind = text_[at_++] == '+' ? PathNode::Kind::add : PathNode::Kind::subtract;
    SENT_TRY_ASSIGN(const NodeIndex right, product(depth));
    left = binary(kind, left, right);
  }
  return left;
}

Result<NodeIndex> PathCompiler::product(int depth) {
  SENT_TRY_ASSIGN(NodeIndex left, operand(depth));
  for (skip_blanks(); peek() == '*' || peek() == '/'; skip_blanks()) {
    const auto kind = text_[at_++] == '*' ? PathNode::Kind::multiply : PathNode::Kind::divide;
    SENT_TRY_ASSIGN(const NodeIndex right, operand(depth));
    left = binary(kind, left, right);
  }
  return left;
}

Result<NodeIndex> PathCompiler::operand(int depth) {
  skip_blanks();
  const char c = peek();
  if (is_digit(c) || c == '\'' || c == '"') {
    PathNode node;
    node.kind = PathNode::Kind::literal;
    SENT_TRY_ASSIGN(node.literal, literal());
    return add(std::move(node));
  }
  if (c == '(') {
    ++at_;
    SENT_TRY_ASSIGN(const NodeIndex inner, choice(depth + 1));
    skip_blanks();
    if (!take(')')) return expected("a closing parenthesis");
    return inner;
  }
  return path(depth);
}

Result<NodeIndex> PathCompiler::path(int depth) {
  PathNode node;
  if (take('$')) {
    node.from_root = true;
  } else if (peek() == '`') {
    SENT_TRY(function(node));
  } else if (!take('@')) {
    PathStep step;
    step.name = name();
    if (step.name.empty()) return expected("a path, a number or a text");
    node.steps.push_back(std::move(step));
  }
  for (;;) {
    if (take("..")) {
      PathStep step;
      step.kind = PathStep::Kind::descend;
      step.name = take('*') ? "*" : name();
      if (step.name.empty()) return expected("a name");
      node.steps.push_back(std::move(step));
    } else if (take('.')) {
      SENT_TRY(after_dot(node, depth));
    } else if (peek() == '[') {
      SENT_TRY(bracket(node));
    } else {
      return add(std::move(node));
    }
  }
}

Result<void> PathCompiler::after_dot(PathNode& node, int depth) {
  const char c = peek();
  if (c == '`') return function(node);
  if (c == '[') return {};
  PathStep step;
  if (c == '(') {
    ++at_;
    step.kind = PathStep::Kind::either;
    do {
      skip_blanks();
      if (depth >= kMaxPathDepth) return expected("so many parentheses");
      SENT_TRY_ASSIGN(const NodeIndex one, sum(depth + 1));
      step.choices.push_back(one);
      skip_blanks();
    } while (take('|'));
    if (!take(')')) return expected("a closing parenthesis");
  } else if (take('*')) {
    step.kind = PathStep::Kind::all;
  } else if (c == '\'' || c == '"') {
    SENT_TRY_ASSIGN(step.name, quoted());
  } else {
    step.name = name();
    if (step.name.empty()) return expected("a name");
  }
  node.steps.push_back(std::move(step));
  return {};
}

Result<void> PathCompiler::bracket(PathNode& node) {
  ++at_;
  skip_blanks();
  if (peek() == '?') return filter(node);
  PathStep step;
  const char c = peek();
  if (take('*')) {
    step.kind = PathStep::Kind::all;
  } else if (c == '\'' || c == '"') {
    SENT_TRY_ASSIGN(step.name, quoted());
  } else {
    const std::size_t end = text_.find(']', at_);
    const auto number =
        end == std::string_view::npos ? std::nullopt : whole_number(text_.substr(at_, end - at_));
    if (!number) return expected("an index, a quoted name, * or ?");
    step.kind = PathStep::Kind::index;
    step.index = *number;
    at_ = end;
  }
  skip_blanks();
  if (!take(']')) return expected("a closing bracket");
  node.steps.push_back(std::move(step));
  return {};
}

Result<void> PathCompiler::filter(PathNode& node) {
  ++at_;
  const bool parentheses = take('(');
  PathStep step;
  step.kind = PathStep::Kind::filter;
  do {
    SENT_TRY_ASSIGN(auto one, condition());
    step.filters.push_back(std::move(one));
    skip_blanks();
  } while (take('&') && (take('&'), true));
  if (parentheses && !take(')')) return expected("a closing parenthesis");
  if (!take(']')) return expected("a closing bracket");
  node.steps.push_back(std::move(step));
  return {};
}

Result<PathCondition> PathCompiler::condition() {
  PathCondition condition;
  skip_blanks();
  if (take('@') && !take('.')) return expected("a dot");
  do {
    std::string field;
    if (peek() == '\'' || peek() == '"') {
      SENT_TRY_ASSIGN(field, quoted());
    } else {
      field = name();
    }
    if (field.empty()) return expected("a name");
    condition.fields.push_back(std::move(field));
  } while (take('.'));
  skip_blanks();
  static constexpr std::pair<std::string_view, Compare> kWords[] = {
      {"==", Compare::equal},     {"!=", Compare::not_equal},     {"<=", Compare::less_equal},
      {"<>", Compare::not_equal}, {">=", Compare::greater_equal}, {"=", Compare::equal},
      {"<", Compare::less},       {">", Compare::greater}};
  for (const auto& [word, compare] : kWords) {
    if (!take(word)) continue;
    condition.compare = compare;
    skip_blanks();
    SENT_TRY_ASSIGN(condition.operand, literal());
    break;
  }
  return condition;
}

Result<void> PathCompiler::function(PathNode& node) {
  const std::size_t end = text_.find('`', ++at_);
  if (end == std::string_view::npos) return expected("a function that ends with `");
  const std::string_view call = text_.substr(at_, end - at_);
  at_ = end + 1;
  const std::size_t open = call.find('(');
  const std::string_view what = trim(call.substr(0, open));
  if (open == std::string_view::npos) {
    PathStep step;
    if (what == "len")
      step.kind = PathStep::Kind::len;
    else if (what == "sorted")
      step.kind = PathStep::Kind::sorted;
    else if (what == "this")
      return {};
    else
      return fail(Errc::kInvalid, "the path \"{}\" calls \"{}\", which is not a function", text_, call);
    node.steps.push_back(std::move(step));
    return {};
  }
  if (!call.ends_with(')')) return expected("a function that ends with )");
  const std::string_view arguments = call.substr(open + 1, call.size() - open - 2);
  if (what == "split") return split_function(node, arguments);
  if (what == "sub") return sub_function(node, arguments);
  return fail(Errc::kInvalid, "the path \"{}\" calls \"{}\", which is not a function", text_, what);
}

/// The separator may be a comma: the two numbers are the last two arguments.
Result<void> PathCompiler::split_function(PathNode& node, std::string_view arguments) {
  PathStep step;
  step.kind = PathStep::Kind::split;
  const std::size_t last = arguments.rfind(',');
  const std::size_t middle =
      last == std::string_view::npos || last == 0 ? std::string_view::npos : arguments.rfind(',', last - 1);
  if (middle == std::string_view::npos)
    return fail(Errc::kInvalid, "the path \"{}\": split wants a separator, an index and a maximum", text_);
  const auto index = whole_number(arguments.substr(middle + 1, last - middle - 1));
  const auto most = whole_number(arguments.substr(last + 1));
  const std::string_view separator = unquote(arguments.substr(0, middle));
  if (!index || !most || separator.empty())
    return fail(Errc::kInvalid, "the path \"{}\": split wants a separator, an index and a maximum", text_);
  step.name = separator;
  step.index = *index;
  step.max_split = *most;
  node.steps.push_back(std::move(step));
  return {};
}

Result<void> PathCompiler::sub_function(PathNode& node, std::string_view arguments) {
  const std::size_t comma = arguments.find("/,");
  if (!arguments.starts_with('/') || comma == std::string_view::npos || comma == 0)
    return fail(Errc::kInvalid, "the path \"{}\": sub wants /regex/, text", text_);
  PathStep step;
  step.kind = PathStep::Kind::sub;
  step.name = unquote(arguments.substr(comma + 2));
  RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_shared<const RE2>(std::string(arguments.substr(1, comma - 1)), options);
  std::string why = regex->error();
  if (!regex->ok() || !regex->CheckRewriteString(step.name, &why))
    return fail(Errc::kInvalid, "the path \"{}\": {}", text_, why);
  step.regex = std::move(regex);
  node.steps.push_back(std::move(step));
  return {};
}

Result<std::string> PathCompiler::quoted() {
  const char quote = text_[at_++];
  std::string out;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
    out.push_back(text_[at_++]);
  }
  if (!take(quote)) return expected("a closing quote");
  return out;
}

Result<boost::json::value> PathCompiler::literal() {
  if (peek() == '\'' || peek() == '"') {
    SENT_TRY_ASSIGN(const std::string text, quoted());
    return boost::json::value(text);
  }
  const std::size_t begin = at_;
  while (at_ < text_.size() && (is_name_char(text_[at_]) || text_[at_] == '.')) ++at_;
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (word.empty()) return expected("a value");
  if (word == "true" || word == "True") return boost::json::value(true);
  if (word == "false" || word == "False") return boost::json::value(false);
  if (const auto whole = whole_number(word)) return boost::json::value(*whole);
  if (const auto number = parse_double(word)) return boost::json::value(*number);
  return boost::json::value(word);
}

std::string PathCompiler::name() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

}  // namespace sentinella::telemetry
