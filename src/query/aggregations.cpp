#include "query/aggregations.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "query/grouping.h"
#include "query/lexer.h"
#include "query/number_text.h"
#include "query/statistics.h"

namespace sentinella::query {
namespace {

LabelChoice choice_of(const Aggregate& node) {
  return node.without ? LabelChoice::all_but(node.grouping) : LabelChoice::by(node.grouping);
}

/// One row per group, all absent.
Matrix group_rows(const LabelChoice& choice, const Groups& groups, const Matrix& input) {
  Matrix out{.steps = input.steps};
  out.cells.assign(groups.count() * input.steps, kAbsent);
  out.labels.reserve(groups.count());
  for (const auto row : groups.first_row) out.labels.emplace_back(choice.pick(input.labels[row]));
  return out;
}

/// Folds every present cell of the input into its group's cell. `first(value)` begins a group's cell,
/// `more(accumulator, value)` goes on.
template <typename First, typename More>
void fold(const Groups& groups, const Matrix& input, Matrix& out, First&& first, More&& more) {
  for (std::size_t i = 0; i < input.rows(); ++i) {
    const auto row = input.row(i);
    const auto target = out.row(groups.of_row[i]);
    for (std::size_t step = 0; step < row.size(); ++step) {
      if (is_absent(row[step])) continue;
      double& cell = target[step];
      cell = is_absent(cell) ? first(row[step]) : more(cell, row[step]);
    }
  }
}

void fold_mean(const Groups& groups, const Matrix& input, Matrix& out) {
  std::vector<double> counts(out.cells.size(), 0);
  for (std::size_t i = 0; i < input.rows(); ++i) {
    const auto row = input.row(i);
    const std::size_t base = groups.of_row[i] * input.steps;
    for (std::size_t step = 0; step < row.size(); ++step) {
      const double value = row[step];
      if (is_absent(value)) continue;
      double& mean = out.cells[base + step];
      const double count = ++counts[base + step];
      if (count == 1)
        mean = value;
      else if (!mean_ignores(mean, value))
        mean += value / count - mean / count;
    }
  }
}

/// Welford's running variance.
void fold_variance(const Groups& groups, const Matrix& input, Matrix& out, bool root) {
  struct State {
    double count = 0, mean = 0, squares = 0;
  };
  std::vector<State> states(out.cells.size());
  for (std::size_t i = 0; i < input.rows(); ++i) {
    const auto row = input.row(i);
    const std::size_t base = groups.of_row[i] * input.steps;
    for (std::size_t step = 0; step < row.size(); ++step) {
      const double value = row[step];
      if (is_absent(value)) continue;
      State& state = states[base + step];
      if (++state.count == 1) {
        state.mean = value;
        continue;
      }
      const double distance = value - state.mean;
      state.mean += distance / state.count;
      state.squares += distance * (value - state.mean);
    }
  }
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i].count == 0) continue;
    const double variance = states[i].squares / states[i].count;
    out.cells[i] = root ? std::sqrt(variance) : variance;
  }
}

void fold_quantile(const Groups& groups, const Matrix& input, const Matrix& parameter, Matrix& out) {
  const auto members = groups.members();
  std::vector<double> values;
  for (std::size_t group = 0; group < members.size(); ++group)
    for (std::size_t step = 0; step < input.steps; ++step) {
      values.clear();
      for (const auto row : members[group])
        if (const double value = input.row(row)[step]; is_present(value)) values.push_back(value);
      if (!values.empty()) out.row(group)[step] = quantile_of(parameter.cells[step], values);
    }
}

// --- topk, bottomk --------------------------------------------------------------------------------

/// The k best rows at one step. A binary heap with the worst of them on top; sifted as Go's container/heap
/// does, because that decides which of several equal values stays.
class Best {
 public:
  struct Entry {
    double value;
    std::size_t row;
  };

  Best(std::size_t k, bool largest) : k_(k), largest_(largest) {}

  void offer(double value, std::size_t row) {
    if (heap_.size() < k_) {
      heap_.push_back({value, row});
      sift_up(heap_.size() - 1);
      return;
    }
    const double worst = heap_[0].value;
    if (!(largest_ ? worst < value : worst > value) && !std::isnan(worst)) return;
    if (k_ == 1) {
      heap_[0] = {value, row};
      return;
    }
    std::swap(heap_.front(), heap_.back());
    sift_down(0, heap_.size() - 1);
    heap_.back() = {value, row};
    sift_up(heap_.size() - 1);
  }

  /// Best first.
  std::vector<Entry> take() {
    std::ranges::stable_sort(heap_, [&](const Entry& a, const Entry& b) {
      if (std::isnan(a.value) || std::isnan(b.value)) return !std::isnan(a.value) && std::isnan(b.value);
      return largest_ ? a.value > b.value : a.value < b.value;
    });
    return std::exchange(heap_, {});
  }

 private:
  bool worse(const Entry& a, const Entry& b) const {
    return std::isnan(a.value) || (largest_ ? a.value < b.value : a.value > b.value);
  }
  void sift_up(std::size_t child) {
    while (child > 0) {
      const std::size_t parent = (child - 1) / 2;
      if (!worse(heap_[child], heap_[parent])) return;
      std::swap(heap_[child], heap_[parent]);
      child = parent;
    }
  }
  void sift_down(std::size_t parent, std::size_t size) {
    for (;;) {
      std::size_t child = 2 * parent + 1;
      if (child >= size) return;
      if (child + 1 < size && worse(heap_[child + 1], heap_[child])) ++child;
      if (!worse(heap_[child], heap_[parent])) return;
      std::swap(heap_[parent], heap_[child]);
      parent = child;
    }
  }

  std::size_t k_;
  bool largest_;
  std::vector<Entry> heap_;
};

Result<std::size_t> read_k(double k) {
  constexpr double kMost = 9223372036854775807.0;
  if (!(k <= kMost && k >= -kMost))
    return fail(Errc::kInvalid, "Scalar value {} overflows int64", number_text(k));
  return k < 1 ? 0 : static_cast<std::size_t>(k);
}

Result<Matrix> best_rows(const Aggregate& node, const Groups& groups, const Matrix& parameter, Matrix input) {
  const bool largest = node.op == Aggregation::topk;
  const auto members = groups.members();
  Matrix out{.steps = input.steps, .unique_without_name = input.unique_without_name};
  if (input.steps > 1) {
    out.labels = input.labels;
    out.cells.assign(input.cells.size(), kAbsent);
  }
  for (std::size_t step = 0; step < input.steps; ++step) {
    SENT_TRY_ASSIGN(const std::size_t k, read_k(parameter.cells[step]));
    if (k == 0) continue;
    for (const auto& rows : members) {
      Best best(std::min(k, rows.size()), largest);
      for (const auto row : rows)
        if (const double value = input.row(row)[step]; is_present(value)) best.offer(value, row);
      for (const auto& entry : best.take()) {
        if (input.steps == 1)
          out.add_row(input.labels[entry.row])[0] = entry.value;
        else
          out.row(entry.row)[step] = entry.value;
      }
    }
  }
  drop_empty_rows(out);
  return out;
}

// --- count_values ---------------------------------------------------------------------------------

Result<Matrix> count_values(const Aggregate& node, std::string_view label, const Matrix& input,
                            Budget& budget) {
  if (!is_label_name(label)) return fail(Errc::kInvalid, "invalid label name \"{}\"", label);
  const bool removed = node.without && std::ranges::find(node.grouping, label) != node.grouping.end();
  // The value's label replaces one of that name, so that one cannot tell groups apart.
  auto names = node.grouping;
  if (node.without)
    names.emplace_back(label);
  else
    std::erase(names, label);
  const auto choice = node.without ? LabelChoice::all_but(names) : LabelChoice::by(names);
  const auto groups = make_groups(choice, input.labels);

  Matrix out{.steps = input.steps};
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> row_of;
  for (std::size_t i = 0; i < input.rows(); ++i) {
    for (std::size_t step = 0; step < input.steps; ++step) {
      const double value = input.row(i)[step];
      if (is_absent(value)) continue;
      auto text = removed ? std::string() : decimal_text(value);
      const auto group = groups.of_row[i];
      const auto [found, fresh] = row_of.try_emplace({group, std::move(text)}, out.rows());
      if (fresh) {
        SENT_TRY(budget.take(input.steps));
        auto labels = choice.pick(input.labels[groups.first_row[group]]);
        if (!removed) labels.set(label, found->first.second);
        out.add_row(RowLabels(std::move(labels)));
      }
      double& cell = out.row(found->second)[step];
      cell = is_absent(cell) ? 1 : cell + 1;
    }
  }
  return out;
}

double smaller(double a, double b) {
  return a > b || std::isnan(a) ? b : a;
}
double larger(double a, double b) {
  return a < b || std::isnan(a) ? b : a;
}

}  // namespace

Result<Matrix> aggregate(const Aggregate& node, const Matrix* parameter, std::string_view text, Matrix input,
                         Budget& budget) {
  if (node.op == Aggregation::count_values) return count_values(node, text, input, budget);
  const auto choice = choice_of(node);
  const auto groups = make_groups(choice, input.labels);
  if (node.op == Aggregation::topk || node.op == Aggregation::bottomk)
    return best_rows(node, groups, *parameter, std::move(input));

  SENT_TRY(budget.take(groups.count() * input.steps));
  Matrix out = group_rows(choice, groups, input);
  const auto same = [](double value) { return value; };
  const auto one = [](double) { return 1.0; };
  switch (node.op) {
    case Aggregation::sum:
      fold(groups, input, out, same, [](double sum, double value) { return sum + value; });
      break;
    case Aggregation::count:
      fold(groups, input, out, one, [](double count, double) { return count + 1; });
      break;
    case Aggregation::group:
      fold(groups, input, out, one, [](double, double) { return 1.0; });
      break;
    case Aggregation::min:
      fold(groups, input, out, same, smaller);
      break;
    case Aggregation::max:
      fold(groups, input, out, same, larger);
      break;
    case Aggregation::avg:
      fold_mean(groups, input, out);
      break;
    case Aggregation::quantile:
      fold_quantile(groups, input, *parameter, out);
      break;
    default:
      fold_variance(groups, input, out, node.op == Aggregation::stddev);
      break;
  }
  out.unique_without_name = !std::ranges::binary_search(choice.names, kMetricName) || choice.without;
  return out;
}

}  // namespace sentinella::query
