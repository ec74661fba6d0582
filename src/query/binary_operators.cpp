#include "query/binary_operators.h"

#include <algorithm>
#include <map>

#include "query/arithmetic.h"
#include "query/grouping.h"

namespace sentinella::query {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// The cell of a vector-vector or vector-scalar operation; `kept` is what a comparison that holds passes on.
double combine(const Binary& node, double a, double b, double kept) {
  if (!is_comparison(node.op)) return calculate(node.op, a, b);
  const bool holds = compare(node.op, a, b);
  if (node.return_bool) return holds ? 1 : 0;
  return holds ? kept : kAbsent;
}

/// What each side's row has at one step, group by group.
class Match {
 public:
  Match(const Binary& node, Matrix left, Matrix right, Budget& budget)
      : node_(node),
        swapped_(node.matching.cardinality == Matching::Cardinality::one_to_many),
        budget_(budget) {
    if (swapped_) std::swap(left, right);
    many_ = std::move(left);
    one_ = std::move(right);
    const Matching& matching = node.matching;
    choice_ = matching.on ? LabelChoice::by(matching.labels) : LabelChoice::all_but(matching.labels);
    groups_ = make_shared_groups(choice_, many_.labels, one_.labels);
  }

  Result<Matrix> run() {
    out_.steps = many_.steps;
    if (one_to_one() && groups_are_pairs()) return run_pairs();
    one_at_step_.assign(groups_.count, kNone);
    for (std::size_t step = 0; step < many_.steps; ++step) {
      if (step % 64 == 0) SENT_TRY(budget_.check());
      SENT_TRY(run_step(step));
    }
    SENT_TRY(join_equal_rows(out_, Turns::join,
                             one_to_one() ? "vector cannot contain metrics with the same labelset"
                                          : "multiple matches for labels: grouping labels must ensure unique "
                                            "matches"));
    drop_empty_rows(out_);
    return std::move(out_);
  }

 private:
  bool one_to_one() const { return node_.matching.cardinality == Matching::Cardinality::one_to_one; }

  /// No group has two rows on one side: nothing can be ambiguous, whatever is present when.
  bool groups_are_pairs() {
    one_at_step_.assign(groups_.count, kNone);
    for (std::size_t i = 0; i < one_.rows(); ++i) {
      std::size_t& place = one_at_step_[groups_.right_of_row[i]];
      if (place != kNone) return false;
      place = i;
    }
    return groups_.left.first_row.size() == many_.rows();
  }

  Result<Matrix> run_pairs() {
    SENT_TRY(budget_.take(many_.cells.size()));
    for (std::size_t i = 0; i < many_.rows(); ++i) {
      const std::size_t one = one_at_step_[groups_.left.of_row[i]];
      if (one == kNone) continue;
      const auto cells = out_.add_row(result_labels(i, one));
      const auto a = many_.row(i);
      const auto b = one_.row(one);
      for (std::size_t step = 0; step < cells.size(); ++step)
        if (is_present(a[step]) && is_present(b[step]))
          cells[step] = combine(node_, a[step], b[step], a[step]);
    }
    drop_empty_rows(out_);
    out_.unique_without_name = !node_.matching.on || drops_name(node_.op) || node_.return_bool;
    return std::move(out_);
  }

  Result<void> run_step(std::size_t step) {
    bool any = false;
    for (std::size_t i = 0; i < many_.rows() && !any; ++i) any = is_present(many_.row(i)[step]);
    if (!any) return {};
    std::ranges::fill(one_at_step_, kNone);
    for (std::size_t i = 0; i < one_.rows(); ++i) {
      if (is_absent(one_.row(i)[step])) continue;
      std::size_t& place = one_at_step_[groups_.right_of_row[i]];
      if (place != kNone) return duplicate(i, place);
      place = i;
    }
    matched_.assign(one_to_one() ? groups_.count : 0, false);
    for (std::size_t i = 0; i < many_.rows(); ++i) {
      const double many = many_.row(i)[step];
      const auto group = groups_.left.of_row[i];
      if (is_absent(many) || one_at_step_[group] == kNone) continue;
      const double one = one_.row(one_at_step_[group])[step];
      const double a = swapped_ ? one : many;
      const double b = swapped_ ? many : one;
      const double cell = combine(node_, a, b, a);
      if (is_absent(cell)) continue;
      if (one_to_one()) {
        if (matched_[group])
          return fail(Errc::kInvalid,
                      "multiple matches for labels: many-to-one matching must be explicit "
                      "(group_left/group_right)");
        matched_[group] = true;
      }
      SENT_TRY_ASSIGN(const std::size_t row, result_row(i, one_at_step_[group]));
      out_.row(row)[step] = cell;
    }
    return {};
  }

  std::unexpected<Error> duplicate(std::size_t row, std::size_t other) const {
    return fail(Errc::kInvalid,
                "found duplicate series for the match group {} on the {} hand-side of the operation: [{}, {}]"
                ";many-to-many matching not allowed: matching labels must be unique on one side",
                text_of(choice_.pick(one_.labels[row])), swapped_ ? "left" : "right",
                text_of(one_.labels[row].to_labels()), text_of(one_.labels[other].to_labels()));
  }

  static std::string text_of(const Labels& labels) {
    const auto text = labels.to_string();
    return text.empty() ? "{}" : text;
  }

  Result<std::size_t> result_row(std::size_t many, std::size_t one) {
    // Only labels taken from the "one" side make its choice matter.
    const std::pair key{many, node_.matching.include.empty() ? kNone : one};
    const auto [found, fresh] = row_of_pair_.try_emplace(key, out_.rows());
    if (fresh) {
      SENT_TRY(budget_.take(out_.steps));
      out_.add_row(result_labels(many, one));
    }
    return found->second;
  }

  RowLabels result_labels(std::size_t many, std::size_t one) const {
    const Matching& matching = node_.matching;
    const bool nameless = drops_name(node_.op) || node_.return_bool;
    const RowLabels& from = many_.labels[many];
    const bool all_stay = one_to_one() ? !matching.on && matching.labels.empty() : matching.include.empty();
    if (all_stay) {
      RowLabels labels = from;
      if (nameless) labels.drop_name();
      return labels;
    }
    if (one_to_one()) {
      Labels kept;
      from.for_each([&](const Label& label) {
        const bool listed = std::ranges::find(matching.labels, label.name) != matching.labels.end();
        if (listed == matching.on && !(nameless && label.name == kMetricName))
          kept.set(label.name, label.value);
      });
      return RowLabels(std::move(kept));
    }
    Labels labels = from.to_labels();
    if (nameless) labels.set(kMetricName, "");
    for (const auto& name : matching.include) labels.set(name, std::string(one_.labels[one].get(name)));
    if (node_.return_bool) labels.set(kMetricName, "");
    return RowLabels(std::move(labels));
  }

  const Binary& node_;
  const bool swapped_;
  Budget& budget_;
  Matrix many_;
  Matrix one_;
  LabelChoice choice_;
  SharedGroups groups_;
  Matrix out_;
  std::vector<std::size_t> one_at_step_;
  std::vector<bool> matched_;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> row_of_pair_;
};

/// and, or, unless.
Result<Matrix> set_operation(const Binary& node, Matrix left, Matrix right) {
  const Matching& matching = node.matching;
  const auto choice = matching.on ? LabelChoice::by(matching.labels) : LabelChoice::all_but(matching.labels);
  const auto groups = make_shared_groups(choice, left.labels, right.labels);
  const std::size_t steps = left.steps;
  const bool is_or = node.op == BinaryOp::or_;
  // For `or` the left side hides the right one, else the right side decides about the left one.
  const Matrix& deciding = is_or ? left : right;
  const auto& deciding_groups = is_or ? groups.left.of_row : groups.right_of_row;
  std::vector<char> present(groups.count * steps, 0);
  for (std::size_t i = 0; i < deciding.rows(); ++i) {
    const auto row = deciding.row(i);
    for (std::size_t step = 0; step < steps; ++step)
      if (is_present(row[step])) present[deciding_groups[i] * steps + step] = 1;
  }
  Matrix& judged = is_or ? right : left;
  const auto& judged_groups = is_or ? groups.right_of_row : groups.left.of_row;
  const char keep = node.op == BinaryOp::and_ ? 1 : 0;
  for (std::size_t i = 0; i < judged.rows(); ++i) {
    const auto row = judged.row(i);
    for (std::size_t step = 0; step < steps; ++step)
      if (present[judged_groups[i] * steps + step] != keep) row[step] = kAbsent;
  }
  drop_empty_rows(judged);
  if (!is_or) return left;
  std::ranges::move(right.labels, std::back_inserter(left.labels));
  left.cells.insert(left.cells.end(), right.cells.begin(), right.cells.end());
  left.unique_without_name = false;
  SENT_TRY(join_equal_rows(left));
  return left;
}

}  // namespace

Result<Matrix> operate_with_scalar(const Binary& node, Matrix left, Matrix right, bool left_is_scalar,
                                   bool right_is_scalar) {
  const bool both = left_is_scalar && right_is_scalar;
  Matrix out = left_is_scalar && !right_is_scalar ? right : left;
  for (std::size_t i = 0; i < out.rows(); ++i) {
    const auto row = out.row(i);
    for (std::size_t step = 0; step < row.size(); ++step) {
      if (is_absent(row[step])) continue;
      const double a = left_is_scalar ? left.cells[step] : row[step];
      const double b = right_is_scalar ? right.cells[step] : row[step];
      row[step] =
          both && is_comparison(node.op) ? (compare(node.op, a, b) ? 1 : 0) : combine(node, a, b, row[step]);
    }
  }
  if (both) return out;
  if (is_comparison(node.op) && !node.return_bool) drop_empty_rows(out);
  if (drops_name(node.op) || node.return_bool) SENT_TRY(drop_names(out));
  return out;
}

Result<Matrix> operate_on_vectors(const Binary& node, Matrix left, Matrix right, Budget& budget) {
  if (is_set_operator(node.op)) return set_operation(node, std::move(left), std::move(right));
  return Match(node, std::move(left), std::move(right), budget).run();
}

}  // namespace sentinella::query
