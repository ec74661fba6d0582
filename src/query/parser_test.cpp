#include "query/parser.h"

#include <random>

#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "query/function_table.h"
#include "query/lexer.h"

namespace sentinella::query {
namespace {

using testing::HasSubstr;

/// The tree with every node in brackets but for those that were written: two trees have one text only when
/// they mean the same.
std::string tree(const Expr& written) {
  const Expr& expr = without_parens(written);
  std::string out = "(" + std::to_string(expr.node.index()) + " ";
  if (const auto* unary = expr.as<Unary>()) out += unary->negative ? "-" : "+";
  if (const auto* call = expr.as<Call>()) out += call->function->name;
  if (const auto* node = expr.as<Aggregate>())
    out += fmt::format("{} {} {}", to_string(node->op), node->without, fmt::join(node->grouping, ","));
  if (const auto* node = expr.as<Binary>())
    out += fmt::format("{} {} {} {} {} {}", to_string(node->op), node->return_bool, node->matching.on,
                       static_cast<int>(node->matching.cardinality), fmt::join(node->matching.labels, ","),
                       fmt::join(node->matching.include, ","));
  if (const auto* node = expr.as<Subquery>())
    out += fmt::format("{} {} {} {} {}", node->range_ms, node->step_ms, node->shift.offset_ms,
                       node->shift.at_ms.value_or(-1), static_cast<int>(node->shift.anchor));
  bool leaf = true;
  for_each_child(expr, [&](const Expr& child) {
    out += tree(child);
    leaf = false;
  });
  if (leaf) out += to_string(expr);
  return out + ")";
}

std::string parsed(std::string_view text) {
  const auto expr = parse_expression(text);
  return expr ? to_string(**expr) : expr.error().message;
}

std::string shape(std::string_view text) {
  const auto expr = parse_expression(text);
  return expr ? tree(**expr) : expr.error().message;
}

TEST(Parser, OperatorsBindAsInPrometheus) {
  const std::pair<const char*, const char*> same[] = {
      {"1 + 2 * 3", "1 + (2 * 3)"},
      {"1 * 2 + 3", "(1 * 2) + 3"},
      {"2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"},
      {"1 - 2 - 3", "(1 - 2) - 3"},
      {"8 / 4 / 2", "(8 / 4) / 2"},
      {"a or b and c", "a or (b and c)"},
      {"a and b unless c", "(a and b) unless c"},
      {"a == b + c", "a == (b + c)"},
      {"a and b == c", "a and (b == c)"},
      {"a % b atan2 c", "(a % b) atan2 c"},
      {"-a ^ b", "-(a ^ b)"},
      {"-a * b", "(-a) * b"},
      {"a ^ -b * c", "(a ^ (-b)) * c"},
      {"-a offset 5m", "-(a offset 5m)"},
  };
  for (const auto& [plain, bracketed] : same) EXPECT_EQ(shape(plain), shape(bracketed)) << plain;
}

TEST(Parser, PrintsWhatItRead) {
  const char* texts[] = {
      "1",
      "-1",
      "Inf",
      "Inf ^ 2",
      "NaN",
      "1e+30",
      "0.001",
      "\"a\\\"b\\\\c\\n\"",
      "foo",
      "foo:bar{a=\"1\",b!=\"2\",c=~\"x.*\",d!~\"y|z\"}",
      "{__name__=~\"a.+\"}",
      "foo offset 5m",
      "foo offset -1h30m",
      "foo @ 12.345",
      "foo @ -1.500 offset 1d",
      "foo[5m] @ start()",
      "foo[5m] @ end() offset 3s",
      "foo[5m:]",
      "rate(foo[5m])[1h:30s] @ 100.000 offset 1w",
      "sum(foo)",
      "sum by (a, b) (foo)",
      "sum without () (foo)",
      "topk by (on, offset) (5, foo)",
      "count_values without (x) (\"v\", foo)",
      "a * on (x) group_left (y, z) b",
      "a / ignoring (x) group_right () b",
      "a == bool on () b",
      "a and on (x) b",
      "label_replace(foo, \"a\", \"$1\", \"b\", \"(.*)\")",
      "-foo",
      "(a + b) * -c",
      "time() - timestamp(foo)",
      "sum",
      "by",
      "offset",
      "sum{sum=\"by\"}",
  };
  for (const auto* text : texts) EXPECT_EQ(parsed(text), text);
}

TEST(Parser, ReadsTheManyFormsOfLiterals) {
  EXPECT_EQ(parsed("0x1F"), "31");
  EXPECT_EQ(parsed("017"), "15");
  EXPECT_EQ(parsed("1.5e3"), "1500");
  EXPECT_EQ(parsed(".5"), "0.5");
  EXPECT_EQ(parsed("iNf"), "Inf");
  EXPECT_EQ(parsed("+Inf"), "Inf");
  EXPECT_EQ(parsed("'it\\'s'"), "\"it's\"");
  EXPECT_EQ(parsed("`raw\\n`"), "\"raw\\\\n\"");
  EXPECT_EQ(parsed("\"\\x41\\101\\u00e9\\U0001F600\""), "\"AA\xC3\xA9\xF0\x9F\x98\x80\"");
  EXPECT_EQ(parsed("foo # a comment\n + # another\n bar"), "foo + bar");
  EXPECT_EQ(parsed("foo[1d12h]"), "foo[1d12h]");
  EXPECT_EQ(parsed("foo[1w7d]"), "foo[2w]");
  EXPECT_EQ(parsed("foo[90m]"), "foo[1h30m]");
  EXPECT_EQ(parsed("SUM BY (a) (foo)"), "sum by (a) (foo)");
  EXPECT_EQ(parsed("sum (foo) by (a,)"), "sum by (a) (foo)");
  EXPECT_EQ(parsed("foo{a='b',}"), "foo{a=\"b\"}");
}

TEST(Parser, SaysWhereAndWhatAsPrometheusDoes) {
  const std::pair<const char*, const char*> errors[] = {
      {"", "1:1: parse error: no expression found in input"},
      {"# just a comment", "1:1: parse error: no expression found in input"},
      {"1+", "1:3: parse error: unexpected end of input"},
      {"1 1", "1:3: parse error: unexpected number \"1\""},
      {"(1))", "1:4: parse error: unexpected right parenthesis ')'"},
      {"((1)", "1:5: parse error: unclosed left parenthesis"},
      {"foo{a=}", "1:7: parse error: unexpected \"}\" in label matching, expected string"},
      {"foo{1}", "1:5: parse error: unexpected character inside braces: '1'"},
      {"foo{a", "1:6: parse error: unexpected end of input inside braces"},
      {"foo[5]", "1:5: parse error: missing unit character in duration"},
      {"foo[5m", "1:7: parse error: unclosed left bracket"},
      {"foo[0m]", "1:5: parse error: duration must be greater than 0"},
      {"foo[5m30h]", "1:5: parse error: not a valid duration string: \"5m30h\""},
      {"\"abc", "1:1: parse error: unterminated quoted string"},
      {"bar{} offset", "1:13: parse error: unexpected end of input in offset, expected duration"},
      {"(1 + 2) offset 5m",
       "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector "
       "selector or "
       "a subquery"},
      {"foo offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"},
      {"foo @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"},
      {"foo @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier: inf"},
      {"nonsense(foo)", "1:1: parse error: unknown function with name \"nonsense\""},
      {"rate(foo)",
       "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector"},
      {"rate(foo[5m], 1)", "1:1: parse error: expected 1 argument(s) in call to \"rate\", got 2"},
      {"sum()", "1:1: parse error: no arguments for aggregate expression provided"},
      {"topk(foo)",
       "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"},
      {"1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"},
      {"a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"},
      {"a and 1", "1:1: parse error: set operator \"and\" not allowed in binary scalar expression"},
      {"a and on (x) group_left () b", "1:1: parse error: no grouping allowed for \"and\" operation"},
      {"a + on (x) group_left (x) b",
       "1:3: parse error: label \"x\" must not occur in ON and GROUP clause at once"},
      {"{a=\"\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"{a=~\".*\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"},
      {"foo{__name__=\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""},
      {"foo[5m] + 1",
       "1:1: parse error: binary expression must contain only scalar and instant vector types"},
      {"foo[5m][5m]", "1:8: parse error: ranges only allowed for vector selectors"},
      {"1 +\n +\n (", "3:3: parse error: unclosed left parenthesis"},
      {"rate(foo[5m],)", "1:13: parse error: trailing commas not allowed in function call args"},
  };
  for (const auto& [text, error] : errors) EXPECT_EQ(parsed(text), error) << text;
  EXPECT_THAT(parsed("foo{a=~\"(\"}"), HasSubstr("error parsing regexp"));
}

TEST(Parser, DeepAndLongTextIsRefusedNotFollowed) {
  EXPECT_THAT(parsed(std::string(100'000, '(')), HasSubstr("nested deeper"));
  EXPECT_THAT(parsed(std::string(100'000, '-') + "1"), HasSubstr("nested deeper"));
  std::string chain = "1";
  for (int i = 0; i < 5000; ++i) chain += "+1";
  EXPECT_THAT(parsed(chain), HasSubstr("nested deeper"));
  EXPECT_THAT(parsed("a" + std::string(kMaxQueryBytes, ' ')), HasSubstr("at most"));
  std::string deep = "foo";
  for (int i = 0; i < 120; ++i) deep = "abs(" + deep + ")";
  EXPECT_EQ(parsed(deep), deep);
}

TEST(Parser, SelectorsStandAlone) {
  const auto matchers = parse_selector("up{job!=\"x\"}");
  ASSERT_TRUE(matchers);
  ASSERT_EQ(matchers->size(), 2u);
  EXPECT_EQ((*matchers)[0].name, "job");
  EXPECT_EQ((*matchers)[1].value, "up");
  EXPECT_FALSE(parse_selector("up + up"));
  EXPECT_FALSE(parse_selector("rate(up[5m])"));
  EXPECT_FALSE(parse_selector("{}"));
  EXPECT_FALSE(parse_selector(""));
}

TEST(Parser, LongQueriesAreIndented) {
  const auto expr = parse_expression(
      "sum by (job) (rate(a_metric_with_a_rather_long_name_total{code=\"500\"}[5m])) / "
      "sum by (job) (rate(a_metric_with_a_rather_long_name_total[5m]))");
  ASSERT_TRUE(expr);
  EXPECT_EQ(to_pretty_string(**expr),
            "  sum by (job) (rate(a_metric_with_a_rather_long_name_total{code=\"500\"}[5m]))\n"
            "/\n"
            "  sum by (job) (rate(a_metric_with_a_rather_long_name_total[5m]))");
}

/// Random well-typed expressions as text.
class RandomQuery {
 public:
  explicit RandomQuery(unsigned seed) : random_(seed) {}

  std::string vector(int depth) {
    if (depth <= 0) return selector() + shift();
    switch (pick(9)) {
      case 0:
        return "(" + vector(depth - 1) + ")";
      case 1:
        return "-" + vector(depth - 1);
      case 2:
        return vector(depth - 1) +
               one_of({" + ", " - ", " ^ ", " * ", " / ", " % ", " atan2 ", " == bool ", " > "}) +
               vector(depth - 1);
      case 3:
        return vector(depth - 1) + one_of({" and ", " or ", " unless on (a) "}) + vector(depth - 1);
      case 4:
        return one_of({"sum", "avg by (a)", "max without (b, c)", "stddev by ()"}) + "(" + vector(depth - 1) +
               ")";
      case 5:
        return "topk(" + scalar(depth - 1) + "," + vector(depth - 1) + ")";
      case 6:
        return one_of({"rate", "max_over_time", "deriv"}) + "(" + selector() + "[5m]" + shift() + ")";
      case 7:
        return "avg_over_time(" + selector() + one_of({"[1h:]", "[90m:30s]"}) + shift() + ")";
      default:
        return vector(depth - 1) + " * ignoring (x) group_left (y) " + selector();
    }
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::string one_of(std::vector<std::string> list) {
    return list[static_cast<std::size_t>(pick(static_cast<int>(list.size())))];
  }
  std::string selector() {
    return one_of({"foo", "a:b", "{x=\"y\"}", "foo{a!~'b.*', c=\"d\\ne\"}", "sum", "offset"});
  }
  std::string shift() {
    return one_of({"", "", " offset 5m", " offset -90s", " @ 5.5", " @ end()", " @ 3 offset 1w"});
  }
  std::string scalar(int depth) {
    if (depth <= 0) return one_of({"1", "-0.5", "Inf", "0x10", "time()", "1e-7"});
    return scalar(depth - 1) + one_of({" + ", " ^ ", " * ", " >= bool "}) + scalar(depth - 1);
  }

  std::mt19937 random_;
};

TEST(Parser, WhatItPrintsItReadsBackToTheSameTree) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const auto text = RandomQuery(seed).vector(static_cast<int>(seed % 5));
    const auto first = parse_expression(text);
    ASSERT_TRUE(first) << text << "\n" << first.error().message;
    const auto printed = to_string(**first);
    const auto second = parse_expression(printed);
    ASSERT_TRUE(second) << printed << "\n" << second.error().message;
    ASSERT_EQ(tree(**first), tree(**second)) << text << "\n" << printed;
    const auto pretty = parse_expression(to_pretty_string(**first));
    ASSERT_TRUE(pretty) << to_pretty_string(**first);
    ASSERT_EQ(tree(**first), tree(**pretty)) << text;
  }
}

TEST(Durations, AreReadAndWritten) {
  for (const auto* text : {"1ms", "1s500ms", "5m", "1h30m", "90d", "2w", "1y", "12h1m"})
    EXPECT_EQ(duration_text(parse_duration_ms(text).value()), text);
  for (const auto* text :
       {"", "5", "m", "1m1h", "1.5h", "-5m", "5 m", "1y1y", "300y", "99999999999999999999s"})
    EXPECT_FALSE(parse_duration_ms(text)) << text;
}

}  // namespace
}  // namespace sentinella::query
