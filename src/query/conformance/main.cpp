// Runs one test script of Prometheus against the engine over a real store in a temporary directory:
//   promql_test_runner FILE
// Every expectation that fails is a line "FAIL LINE: QUERY: why"; the last line counts. Exit 1 when any
// failed.
//
// As upstream's runner does, each query runs once more as the middle step of a range, and again at other
// times with @ fixing the time of evaluation.
#include <cmath>
#include <iostream>
#include <memory>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "query/conformance/test_script.h"
#include "query/engine.h"
#include "query/function_table.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::query::conformance {
namespace {

constexpr AccountId kAccount{1};
constexpr std::int64_t kMinute = 60'000;

bool almost_equal(double a, double b) {
  constexpr double kEpsilon = 0.000001;
  constexpr double kLeastNormal = std::numeric_limits<double>::min();
  if (std::isnan(a) && std::isnan(b)) return true;
  if (a == b) return true;
  const double difference = std::abs(a - b);
  if (a == 0 || b == 0 || difference < kLeastNormal) return difference < kEpsilon * kLeastNormal;
  return difference / (std::abs(a) + std::abs(b)) < kEpsilon;
}

/// Fixes selectors and subqueries to `at_ms` where they are not fixed yet; what is inside a subquery stays.
/// False: the expression has a function of the time of evaluation.
bool fix_time(Expr& expr, std::int64_t at_ms) {
  const auto fix = [&](TimeShift& shift) {
    if (!shift.at_ms) shift.at_ms = at_ms;
  };
  bool invariant = true;
  if (auto* vector = std::get_if<VectorSelector>(&expr.node)) fix(vector->shift);
  if (auto* matrix = std::get_if<MatrixSelector>(&expr.node)) fix(matrix->vector.shift);
  if (auto* sub = std::get_if<Subquery>(&expr.node)) {
    fix(sub->shift);
    return true;
  }
  if (const auto* call = expr.as<Call>()) invariant = !call->function->reads_time;
  for_each_child(expr, [&](Expr& child) { invariant = fix_time(child, at_ms) && invariant; });
  return invariant;
}

bool reads_time(const Expr& expr) {
  const auto* call = expr.as<Call>();
  bool found = call != nullptr && call->function->reads_time;
  for_each_child(expr, [&](const Expr& child) { found = found || reads_time(child); });
  return found;
}

class Runner {
 public:
  Runner() { clear(); }

  int run(const std::vector<Command>& commands) {
    for (const Command& command : commands) {
      if (std::holds_alternative<Clear>(command)) clear();
      if (const auto* load_command = std::get_if<Load>(&command)) load(*load_command);
      if (const auto* eval = std::get_if<Eval>(&command)) evaluate(*eval);
    }
    std::cout << passed_ << " passed, " << failed_ << " failed\n";
    return failed_ == 0 ? 0 : 1;
  }

 private:
  void clear() {
    store_.reset();
    directory_ = std::make_unique<TemporaryDirectory>();
    auto opened = series::open_embedded_series_store({.directory = directory_->path()});
    if (!opened) throw std::runtime_error(describe(opened.error()));
    store_ = *std::move(opened);
    offset_ = 0;
  }

  void load(const Load& command) {
    SampleBlock block;
    for (const SeriesLine& line : command.series) {
      SeriesSamples samples{line.labels, SeriesKind::gauge, {}};
      for (std::size_t i = 0; i < line.values.size(); ++i)
        if (line.values[i])
          samples.samples.push_back(
              {Time{static_cast<std::int64_t>(i) * command.gap_ms * 1'000'000}, *line.values[i]});
      if (auto done = series::resolve_into(*store_, kAccount, samples, block); !done)
        throw std::runtime_error(describe(done.error()));
    }
    if (auto done = store_->append(kAccount, block, ++offset_); !done)
      throw std::runtime_error(describe(done.error()));
  }

  void evaluate(const Eval& eval) {
    const auto failures = failed_;
    check(eval, eval.query, eval.at_ms);
    if (auto expr = parse_expression(eval.query);
        expr && !reads_time(**expr) && fix_time(**expr, eval.at_ms)) {
      const auto fixed = to_string(**expr);
      const std::int64_t at = eval.at_ms;
      const std::vector<std::int64_t> elsewhere =
          at == 0 ? std::vector<std::int64_t>{-1000, 0, 1000}
                  : std::vector<std::int64_t>{-10 * at, 0, at / 5, at, 10 * at};
      for (const std::int64_t time : elsewhere) check(eval, fixed, time);
    }
    if (failed_ == failures) ++passed_;
  }

  void report(const Eval& eval, const std::string& query, const std::string& why) {
    ++failed_;
    std::cout << "FAIL " << eval.line << ": " << query << ": " << why << "\n";
  }

  void check(const Eval& eval, const std::string& query, std::int64_t at_ms) {
    const auto expr = parse_expression(query);
    const auto answer = expr ? evaluate_instant(source_now(), **expr, at_ms) : std::unexpected(expr.error());
    if (eval.must_fail) {
      if (answer) report(eval, query, "expected an error");
      return;
    }
    if (!answer) return report(eval, query, answer.error().message);
    if (answer->type == ValueType::matrix)
      return report(eval, query, "received range result on instant evaluation");
    if (const auto why = compare(eval, *answer, 0); !why.empty()) return report(eval, query, why);
    const auto range = evaluate_range(source_now(), **expr, {at_ms - kMinute, kMinute, 3});
    if (!range) return report(eval, query, "as a range: " + range.error().message);
    if (eval.ordered) return;
    if (const auto why = compare(eval, *range, 1); !why.empty()) report(eval, query, "as a range: " + why);
  }

  Source source_now() const { return {.store = *store_, .account = kAccount, .clock = system_clock()}; }

  static std::string compare(const Eval& eval, const Answer& answer, std::size_t step) {
    if (answer.type == ValueType::scalar) {
      const double got = answer.matrix.cells[step];
      return eval.scalar && almost_equal(*eval.scalar, got) ? "" : fmt::format("got {}", got);
    }
    std::vector<bool> seen(eval.series.size());
    std::size_t position = 0;
    for (std::size_t row = 0; row < answer.matrix.rows(); ++row) {
      const double got = answer.matrix.row(row)[step];
      if (is_absent(got)) continue;
      const Labels labels = answer.matrix.labels[row].to_labels();
      std::size_t wanted = eval.series.size();
      // Of equal lines the last one counts.
      for (std::size_t i = 0; i < eval.series.size(); ++i)
        if (eval.series[i].labels == labels) wanted = i, seen[i] = true;
      if (wanted == eval.series.size()) return fmt::format("unexpected {{{}}} {}", labels.to_string(), got);
      if (eval.ordered && wanted != position)
        return fmt::format("{{{}}} is at place {} instead of {}", labels.to_string(), position + 1,
                           wanted + 1);
      const auto& values = eval.series[wanted].values;
      if (values.size() != 1 || !values[0] || !almost_equal(*values[0], got))
        return fmt::format("{{{}}} is {}, not {}", labels.to_string(), got,
                           values.empty() ? kAbsent : values[0].value_or(kAbsent));
      ++position;
    }
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (!seen[i]) return fmt::format("{{{}}} is missing", eval.series[i].labels.to_string());
    return "";
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<series::SeriesStore> store_;
  std::uint64_t offset_ = 0;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
};

int run(const char* file) {
  const auto text = read_file(file, 1 << 24);
  const auto commands = text ? parse_script(*text) : std::unexpected(text.error());
  if (!commands) {
    std::cerr << file << ": " << describe(commands.error()) << "\n";
    return 2;
  }
  return Runner().run(*commands);
}

}  // namespace
}  // namespace sentinella::query::conformance

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: promql_test_runner FILE\n";
    return 2;
  }
  return sentinella::query::conformance::run(arguments[1]);
}
