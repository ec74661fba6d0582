#include "query/grouping.h"

#include <algorithm>
#include <unordered_map>

#include "base/hash.h"

namespace sentinella::query {
namespace {

/// Gives every row the number of its group.
class GroupTable {
 public:
  GroupTable(const LabelChoice& choice, std::size_t rows) : choice_(choice) { by_hash_.reserve(rows); }

  std::uint32_t group_of(const RowLabels& row) {
    const auto hash = choice_.hash(row);
    const auto [begin, end] = by_hash_.equal_range(hash);
    for (auto at = begin; at != end; ++at)
      if (choice_.equal(*at->second.first, row)) return at->second.second;
    by_hash_.emplace(hash, std::pair{&row, count_});
    return count_++;
  }
  std::uint32_t count() const { return count_; }

 private:
  const LabelChoice& choice_;
  std::unordered_multimap<std::uint64_t, std::pair<const RowLabels*, std::uint32_t>> by_hash_;
  std::uint32_t count_ = 0;
};

}  // namespace

LabelChoice LabelChoice::by(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return {std::move(names), false};
}

LabelChoice LabelChoice::all_but(std::vector<std::string> names) {
  names.emplace_back(kMetricName);
  auto choice = by(std::move(names));
  choice.without = true;
  return choice;
}

std::uint64_t LabelChoice::hash(const RowLabels& row) const {
  std::uint64_t hash = 0;
  if (!without) {
    for (const auto& name : names) hash = hash64(row.get(name), hash);
    return hash;
  }
  row.for_each([&](const Label& label) {
    if (!std::ranges::binary_search(names, label.name)) hash = hash64(label.value, hash64(label.name, hash));
  });
  return hash;
}

bool LabelChoice::equal(const RowLabels& a, const RowLabels& b) const {
  if (!without)
    return std::ranges::all_of(names, [&](const auto& name) { return a.get(name) == b.get(name); });
  bool equal = true;
  std::ptrdiff_t surplus = 0;
  a.for_each([&](const Label& label) {
    if (std::ranges::binary_search(names, label.name)) return;
    ++surplus;
    equal = equal && b.get(label.name) == label.value;
  });
  b.for_each([&](const Label& label) { surplus -= std::ranges::binary_search(names, label.name) ? 0 : 1; });
  return equal && surplus == 0;
}

Labels LabelChoice::pick(const RowLabels& row) const {
  std::vector<Label> picked;
  row.for_each([&](const Label& label) {
    if (std::ranges::binary_search(names, label.name) != without) picked.push_back(label);
  });
  return Labels(std::move(picked));
}

std::vector<std::vector<std::size_t>> Groups::members() const {
  std::vector<std::vector<std::size_t>> members(count());
  for (std::size_t row = 0; row < of_row.size(); ++row) members[of_row[row]].push_back(row);
  return members;
}

Groups make_groups(const LabelChoice& choice, const std::vector<RowLabels>& rows) {
  Groups groups;
  if (!choice.without && choice.names.empty()) {
    groups.of_row.assign(rows.size(), 0);
    if (!rows.empty()) groups.first_row.push_back(0);
    return groups;
  }
  GroupTable table(choice, rows.size());
  groups.of_row.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    groups.of_row.push_back(table.group_of(rows[row]));
    if (groups.of_row.back() == groups.first_row.size()) groups.first_row.push_back(row);
  }
  return groups;
}

SharedGroups make_shared_groups(const LabelChoice& choice, const std::vector<RowLabels>& left,
                                const std::vector<RowLabels>& right) {
  GroupTable table(choice, left.size() + right.size());
  SharedGroups shared;
  for (std::size_t row = 0; row < left.size(); ++row) {
    shared.left.of_row.push_back(table.group_of(left[row]));
    if (shared.left.of_row.back() == shared.left.first_row.size()) shared.left.first_row.push_back(row);
  }
  for (const RowLabels& row : right) shared.right_of_row.push_back(table.group_of(row));
  shared.count = table.count();
  return shared;
}

}  // namespace sentinella::query
