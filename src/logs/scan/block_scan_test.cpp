// The scan of a block finds exactly what a look at every record finds.
#include "logs/scan/block_scan.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "logs/block/testing.h"

namespace sentinella::logs {
namespace {

using namespace testing_blocks;

class BlockScanTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 1500; ++i) {
      LogRecord record = parsed(random_line(random));
      record.host = i % 3 == 0 ? "compute1" : "controller";
      if (i % 50 == 0) record.instance = "somewhere else";
      if (i % 70 == 0) record.request_id = "req-9f1c0e4493d9e0bdb34da6ae05c69cd5";
      records.push_back(std::move(record));
    }
    block = open_block(encode(records));
  }

  void expect_agreement(const Expression& expression, const std::string& what) {
    BlockScan scan(*block, expression);
    const auto found = scan.run({{INT64_MIN}, {INT64_MAX}});
    ASSERT_TRUE(found) << found.error().message;
    std::size_t expected = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const bool wanted = matches(expression, view_of({7, static_cast<std::uint32_t>(i)}, records[i]));
      expected += wanted ? 1 : 0;
      ASSERT_EQ(found->has(i), wanted) << what << " in " << records[i].raw;
    }
    hits += expected;
  }
  void expect_agreement(Condition condition) {
    Expression expression;
    const std::string what = condition.value;
    expression.add(std::move(condition));
    expect_agreement(expression, what);
  }
  Condition random_text_condition() {
    const std::string& raw = records[random() % records.size()].raw;
    if (raw.empty()) return {.value = "x"};
    const std::size_t at = random() % raw.size();
    return {.value = to_lower(raw.substr(at, 1 + random() % (random() % 4 == 0 ? 60 : 8)))};
  }

  std::mt19937_64 random{21};
  std::vector<LogRecord> records;
  std::unique_ptr<LogBlock> block;
  std::size_t hits = 0;
};

TEST_F(BlockScanTest, AnyPartOfAnyTextIsFoundWhereItIs) {
  for (int i = 0; i < 700 && !HasFailure(); ++i) expect_agreement(random_text_condition());
  EXPECT_GT(hits, 50'000u);
}

TEST_F(BlockScanTest, WordsThatCouldBeAnywhereAreFound) {
  for (const char* word : {"t",
                           "z",
                           "10t",
                           "28z",
                           "nov",
                           "sat",
                           "202",
                           "00",
                           "7",
                           "5",
                           "dead",
                           "be",
                           "0b6c7d1e-a000-4d0e-9c0f-2f60b3a40000",
                           "req-0b6c7d1e-a000-4d0e-9c0f-2f60b3a40000",
                           "0b6c7d1e-a000",
                           "3f0c2a7e-1111-4222-8333-944455556666",
                           "9f1c0e4493d9e0bdb34da6ae05c69cd5",
                           "9f1c0e",
                           "traceback (most",
                           "\n",
                           "manager   file",
                           "boom: x",
                           "absent",
                           "::",
                           "status: 404",
                           ".0.",
                           "-",
                           " ",
                           "\x01",
                           "w0rd",
                           "10:0",
                           "/a/b.py\", line 1",
                           "1111-4222-8333-944455556666",
                           "2026-11-21 10:1",
                           "-21 10:",
                           "nov 21 10:0",
                           "2026] post",
                           "10.0.2.",
                           "0.1.1",
                           "req-0b6c7d1e-a000-4d0e-9c0f-2f60b3a40000 9f1c",
                           "99] 127.0.0.1",
                           "cmp-1",
                           "len: 4",
                           "20 info",
                           "2700 error nova.manager trace"})
    expect_agreement({.value = word});
}

TEST_F(BlockScanTest, FieldsOfEveryKindAreCompared) {
  for (const QueryField field :
       {QueryField::host, QueryField::service, QueryField::source, QueryField::component, QueryField::pid,
        QueryField::request_id, QueryField::user, QueryField::project, QueryField::instance,
        QueryField::template_id, QueryField::message, QueryField::domain, QueryField::client,
        QueryField::method, QueryField::path, QueryField::status}) {
    for (int i = 0; i < 12; ++i) {
      const LogRecord& record = records[random() % records.size()];
      const auto view = view_of({}, record);
      const HttpAccess http = record.http.value_or(HttpAccess{});
      const std::array<std::string, 17> values = {record.host,
                                                  record.service,
                                                  record.source,
                                                  record.component,
                                                  "",
                                                  std::to_string(record.pid),
                                                  i % 2 == 0 ? record.request_id : record.global_request_id,
                                                  record.user_id,
                                                  record.project_id,
                                                  record.instance,
                                                  to_text(view.template_id),
                                                  record.message,
                                                  record.domain_id,
                                                  http.client,
                                                  http.method,
                                                  http.path,
                                                  number_text(http.status)};
      const std::string value = values[static_cast<std::size_t>(field)];
      expect_agreement({.kind = Condition::Kind::equal, .field = field, .value = value});
      expect_agreement(
          {.kind = Condition::Kind::glob, .field = field, .value = "*" + value.substr(value.size() / 2)});
      expect_agreement({.kind = Condition::Kind::match,
                        .field = field,
                        .value = "pattern",
                        .pattern = *Pattern::compile("[0-4]", true)});
    }
  }
  expect_agreement({.kind = Condition::Kind::between, .field = QueryField::severity, .low = 5, .high = 6});
  expect_agreement({.kind = Condition::Kind::between, .field = QueryField::pid, .low = 2701, .high = 5000});
  expect_agreement({.kind = Condition::Kind::between, .field = QueryField::status, .low = 300, .high = 999});
  EXPECT_GT(hits, 10'000u);
}

TEST_F(BlockScanTest, PatternsAndCombinationsAgree) {
  for (const char* regex :
       {"Claim .* node cmp-[0-9]$", "(?i)BOOM|claim succ", "status: 4..", "nothing like it", ".", "^$",
        "[a-f0-9]{8}-a00[0-9]", "(Instance|wsgi).*(failed|404)", "\\xff", "Trace\\w+ \\(most",
        "Claim succ[a-z]+", "^Claim succ", "Boom: [a-z]$", "succ[a-z]+\\b", "[^a]nstance fail", "in f\\s+",
        "\\[-\\] Instance", "\\[^- Inst|succ", "Boom: [x0-4]"})
    expect_agreement(
        {.kind = Condition::Kind::pattern, .value = regex, .pattern = *Pattern::compile(regex, false)});
  for (int i = 0; i < 150 && !HasFailure(); ++i) {
    Expression expression;
    std::vector<std::uint32_t> open;
    for (int k = 0; k < 5; ++k) open.push_back(expression.add(random_text_condition()));
    open.push_back(
        expression.add({.kind = Condition::Kind::equal, .field = QueryField::host, .value = "compute1"}));
    open.push_back(expression.add(
        {.kind = Condition::Kind::pattern, .pattern = *Pattern::compile("9[0-9]* bytes|Boom", false)}));
    while (open.size() > 1) {
      std::vector<std::uint32_t> children;
      for (auto n = 1 + random() % 3; n > 0 && !open.empty(); --n) {
        const auto at = open.begin() + static_cast<std::ptrdiff_t>(random() % open.size());
        children.push_back(*at);
        open.erase(at);
      }
      open.push_back(expression.add(static_cast<Expression::Node::Kind>(random() % 3), children));
    }
    expect_agreement(expression, "a combination");
  }
}

}  // namespace
}  // namespace sentinella::logs
