#include "series/embedded/label_index.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::series {
namespace {

/// Cuts one label off the front of canonical bytes.
std::string_view next_pair(std::string_view& canonical) {
  ByteReader reader(canonical);
  reader.text();
  reader.text();
  const std::string_view bytes = canonical.substr(0, canonical.size() - reader.rest().size());
  canonical = reader.rest();
  return bytes;
}

}  // namespace

void LabelIndex::add(Slot slot, std::string_view canonical) {
  std::array<PairId, 255> pairs;
  std::uint8_t count = 0;
  while (!canonical.empty()) {
    const std::string_view bytes = next_pair(canonical);
    // Series of one source come one after the other: most of their labels are those of the one before.
    PairId& before = before_[count];
    if (before == 0 || pairs_[before].bytes != bytes) before = intern(bytes);
    pairs_[before].slots.push_back(slot);
    pairs[count++] = before;
  }
  Series& series = slab_[slot];
  series.labels_at = place_labels({pairs.data(), count});
  series.label_count = count;
  everyone_.push_back(slot);
}

std::uint32_t LabelIndex::place_labels(std::span<const PairId> pairs) {
  auto& holes = holes_[pairs.size()];
  auto at = static_cast<std::uint32_t>(pool_.size());
  if (holes.empty()) {
    pool_.resize(pool_.size() + pairs.size());
  } else {
    at = holes.back();
    holes.pop_back();
  }
  std::ranges::copy(pairs, pool_.begin() + at);
  return at;
}

std::size_t LabelIndex::place(std::string_view bytes, std::uint64_t hash) const {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const PairId pair = table_[at];
    if (pair == 0 || (pairs_[pair].hash == hash && pairs_[pair].bytes == bytes)) return at;
  }
}

void LabelIndex::rehash(std::size_t size) {
  table_.assign(size, 0);
  for (PairId pair = 1; pair < pairs_.size(); ++pair)
    if (pairs_[pair].name != kNoName) table_[place(pairs_[pair].bytes, pairs_[pair].hash)] = pair;
}

PairId LabelIndex::intern(std::string_view bytes) {
  const std::uint64_t hash = hash64(bytes);
  PairId& at = table_[place(bytes, hash)];
  if (at != 0) return at;
  PairId pair = static_cast<PairId>(pairs_.size());
  if (free_pairs_.empty()) {
    pairs_.emplace_back();
  } else {
    pair = free_pairs_.back();
    free_pairs_.pop_back();
  }
  at = pair;
  const auto [name, added] =
      name_ids_.try_emplace(std::string(ByteReader(bytes).text()), static_cast<NameId>(names_.size()));
  if (added) names_.push_back({name->first, {}});
  names_[name->second].pairs.push_back(pair);
  pairs_[pair] = {std::string(bytes), hash, name->second, {}};
  if (++pairs_used_ * 2 > table_.size()) rehash(table_.size() * 2);
  return pair;
}

void LabelIndex::remove(std::span<const Slot> slots) {
  const std::unordered_set<Slot> gone(slots.begin(), slots.end());
  std::erase_if(everyone_, [&](Slot slot) { return gone.contains(slot); });
  std::unordered_set<PairId> touched;
  for (const Slot slot : slots) {
    const Series& series = slab_[slot];
    for (const PairId pair : pairs(series)) touched.insert(pair);
    holes_[series.label_count].push_back(series.labels_at);
  }
  bool forgotten = false;
  for (const PairId pair : touched) {
    std::erase_if(pairs_[pair].slots, [&](Slot slot) { return gone.contains(slot); });
    if (!pairs_[pair].slots.empty()) continue;
    forget(pair);
    forgotten = true;
  }
  if (forgotten) rehash(table_.size());
}

void LabelIndex::forget(PairId pair) {
  std::erase(names_[pairs_[pair].name].pairs, pair);
  pairs_[pair] = {};
  free_pairs_.push_back(pair);
  --pairs_used_;
}

std::string LabelIndex::canonical(const Series& series) const {
  std::string bytes;
  for (const PairId pair : pairs(series)) bytes += pairs_[pair].bytes;
  return bytes;
}

Labels LabelIndex::labels(const Series& series) const {
  std::vector<Label> labels;
  labels.reserve(series.label_count);
  for (const PairId pair : pairs(series))
    labels.push_back({names_[pairs_[pair].name].text, std::string(value(pair))});
  return Labels::from_sorted(std::move(labels));
}

NameId LabelIndex::find_name(std::string_view name) const {
  const auto at = name_ids_.find(std::string(name));
  return at == name_ids_.end() ? kNoName : at->second;
}

std::string_view LabelIndex::value(PairId pair) const {
  if (pair == 0) return {};
  ByteReader reader(pairs_[pair].bytes);
  reader.text();
  return reader.text();
}

std::vector<std::string> LabelIndex::names() const {
  std::vector<std::string> names;
  for (const Name& name : names_)
    if (!name.pairs.empty()) names.push_back(name.text);
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> LabelIndex::values(std::string_view name) const {
  std::vector<std::string> values;
  if (const NameId id = find_name(name); id != kNoName)
    for (const PairId pair : names_[id].pairs) values.emplace_back(value(pair));
  std::ranges::sort(values);
  return values;
}

/// One matcher, asked about series: each value is matched once.
class LabelIndex::Question {
 public:
  Question(const LabelIndex& index, const CompiledMatcher& matcher)
      : index_(index),
        matcher_(matcher),
        name_(index.find_name(matcher.name())),
        without_(matcher.matches("")) {
    const std::string* value = matcher.only_value();
    if (value == nullptr) return;
    std::string bytes;
    ByteWriter writer(bytes);
    writer.text(matcher.name());
    writer.text(*value);
    only_pair_ = index.table_[index.place(bytes, hash64(bytes))];
  }

  bool narrows() const { return !without_; }
  bool exact() const { return matcher_.only_value() != nullptr; }
  bool operator()(const Series& series) {
    const PairId pair = name_ == kNoName ? 0 : index_.pair_of(series, name_);
    return pair == 0 ? without_ : matches(pair);
  }
  /// The pairs that match, and with how many series they are.
  const std::vector<PairId>& matching() {
    if (matching_) return *matching_;
    matching_.emplace();
    if (name_ == kNoName) return *matching_;
    if (exact()) {
      if (only_pair_ != 0) matching_->push_back(only_pair_);
      return *matching_;
    }
    for (const PairId pair : index_.pairs_of(name_))
      if (matches(pair)) matching_->push_back(pair);
    return *matching_;
  }
  std::size_t size() {
    std::size_t size = 0;
    for (const PairId pair : matching()) size += index_.pairs_[pair].slots.size();
    return size;
  }

 private:
  bool matches(PairId pair) {
    if (exact()) return pair == only_pair_;
    if (pair == last_pair_) return last_answer_;
    const auto [at, added] = answers_.try_emplace(pair, false);
    if (added) at->second = matcher_.matches(index_.value(pair));
    last_pair_ = pair;
    return last_answer_ = at->second;
  }

  const LabelIndex& index_;
  const CompiledMatcher& matcher_;
  NameId name_;
  bool without_;
  PairId only_pair_ = 0;  ///< of an exact matcher, if any series has it
  std::optional<std::vector<PairId>> matching_;
  std::unordered_map<PairId, bool> answers_;
  PairId last_pair_ = 0;
  bool last_answer_ = false;
};

std::optional<std::vector<Slot>> LabelIndex::find(const std::vector<CompiledMatcher>& matchers,
                                                  std::size_t max_series, std::size_t max_candidates) const {
  std::vector<Question> questions;
  for (const CompiledMatcher& matcher : matchers) questions.emplace_back(*this, matcher);
  // The matcher with the fewest series names the candidates. A value is looked up; a regex must be tried on
  // all values, which is not worth it when there is a value.
  Question* base = nullptr;
  const bool any_exact =
      std::ranges::any_of(questions, [](const Question& q) { return q.narrows() && q.exact(); });
  for (Question& question : questions) {
    if (!question.narrows() || (any_exact && !question.exact())) continue;
    if (base == nullptr || question.size() < base->size()) base = &question;
  }
  if ((base != nullptr ? base->size() : everyone_.size()) > max_candidates) return std::nullopt;
  std::vector<Slot> found;
  const auto consider = [&](const std::vector<Slot>& slots) {
    if (&questions.front() == base && questions.size() == 1) {
      found.insert(found.end(), slots.begin(), slots.end());
      return;
    }
    for (const Slot slot : slots) {
      const bool fits = std::ranges::all_of(
          questions, [&](Question& question) { return &question == base || question(slab_[slot]); });
      if (fits) found.push_back(slot);
      if (found.size() > max_series) return;
    }
  };
  if (base == nullptr) {
    consider(everyone_);
  } else {
    for (const PairId pair : base->matching()) {
      consider(pairs_[pair].slots);
      if (found.size() > max_series) break;
    }
  }
  if (found.size() > max_series) return std::nullopt;
  return found;
}

}  // namespace sentinella::series
