#include "series/embedded/series_registry.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>

#include "base/bytes.h"

namespace sentinella::series {
namespace {

constexpr std::size_t kMaxLabels = 255;
constexpr std::size_t kMaxLabelBytes = 64 * 1024;

Result<void> check_canonical(std::string_view canonical) {
  if (canonical.size() > kMaxLabelBytes)
    return fail(Errc::kInvalid, "the labels of a series come to {} bytes, at most {}", canonical.size(),
                kMaxLabelBytes);
  ByteReader reader(canonical);
  std::string_view before;
  std::size_t count = 0;
  while (reader.ok() && !reader.at_end()) {
    const std::string_view name = reader.text(), value = reader.text();
    if (value.empty() || (count > 0 && name <= before))
      return fail(Errc::kInvalid, "the labels of a series are not sorted, or one has no value");
    before = name;
    ++count;
  }
  if (!reader.ok() || count == 0) return fail(Errc::kInvalid, "the labels of a series are damaged");
  if (count > kMaxLabels)
    return fail(Errc::kInvalid, "a series has {} labels, at most {}", count, kMaxLabels);
  return {};
}

}  // namespace

Result<Resolved> SeriesRegistry::resolve(AccountId account, std::string_view canonical, SeriesKind kind) {
  Resolved resolved;
  Result<void> outcome;
  const auto make = [&] {
    if (outcome = check_canonical(canonical); !outcome) return kNoSlot;
    {
      Lock lock(create_mutex_);
      std::size_t& count = series_of_account_[static_cast<std::uint32_t>(account)];
      if (count >= max_series_) {
        ++refused_;
        outcome = fail(Errc::kTooLarge, "the account has {} series, as many as it may", max_series_);
        return kNoSlot;
      }
    }
    const Slot slot = create(account, SeriesId{++last_id_}, kind);
    if (slot == kNoSlot) {
      outcome = fail(Errc::kTooLarge, "the server holds as many series as it can");
      return slot;
    }
    Lock lock(slab_.lock_of(slot));
    slab_[slot].flags |= kNeverSealed;
    return slot;
  };
  table_.find_or_add(table_.hash(account, canonical), make, [&](Slot slot) {
    resolved = {slab_[slot].id, slab_[slot].needs_definition.load(std::memory_order_relaxed)};
  });
  if (!outcome) return std::unexpected(outcome.error());
  return resolved;
}

bool SeriesRegistry::are_defined(std::span<const SeriesId> ids) const {
  const std::shared_lock lock(mutex_, std::try_to_lock);
  return lock && std::ranges::all_of(ids, [&](SeriesId id) {
           const Slot slot = ids_.find(id);
           return slot != kNoSlot && !slab_[slot].needs_definition.load(std::memory_order_relaxed);
         });
}

Slot SeriesRegistry::create(AccountId account, SeriesId id, SeriesKind kind) {
  Slot slot = kNoSlot;
  {
    Lock lock(create_mutex_);
    slot = slab_.allocate();
    if (slot == kNoSlot) return slot;
    ++series_of_account_[static_cast<std::uint32_t>(account)];
  }
  Lock lock(slab_.lock_of(slot));
  Series& series = slab_[slot];
  series.id = id;
  series.account = account;
  series.kind = kind;
  return slot;
}

Result<void> SeriesRegistry::define(AccountId account, std::span<const SeriesDefinition> definitions,
                                    std::vector<Slot>& fresh) {
  if (definitions.empty()) return {};
  const std::unique_lock lock(mutex_);
  auto& of_account = accounts_[account];
  if (!of_account) of_account = std::make_unique<Account>(slab_);
  for (const SeriesDefinition& definition : definitions) {
    SENT_TRY_ASSIGN(const Slot slot, slot_for(account, definition));
    Lock slot_lock(slab_.lock_of(slot));
    Series& series = slab_[slot];
    series.flags &= static_cast<std::uint8_t>(~kDoomed);
    series.needs_definition.store(false, std::memory_order_relaxed);
    if ((series.flags & kIndexed) != 0) continue;
    of_account->labels.add(slot, definition.canonical);
    ids_.set(series.id, slot);
    series.flags |= kIndexed;
    ++indexed_;
    fresh.push_back(slot);
  }
  return {};
}

Result<Slot> SeriesRegistry::slot_for(AccountId account, const SeriesDefinition& definition) {
  Slot slot = ids_.find(definition.id);
  if (slot != kNoSlot) return slot;
  // Definitions come in the order in which resolve() made the series: mostly that is the order of slots.
  if (is_next_slot(account, definition.id)) return next_slot_++;
  if (const auto good = check_canonical(definition.canonical); !good)
    return fail(Errc::kCorrupt, "series {}: {}", static_cast<std::uint64_t>(definition.id),
                good.error().message);
  skip_ids(static_cast<std::uint64_t>(definition.id));
  table_.find_or_add(
      table_.hash(account, definition.canonical),
      [&] { return create(account, definition.id, definition.kind); }, [&](Slot found) { slot = found; });
  if (slot == kNoSlot) return fail(Errc::kTooLarge, "the server holds as many series as it can");
  next_slot_ = slot + 1;
  if (slab_[slot].id != definition.id) {
    ids_.set(definition.id, slot);
    other_ids_[slot].push_back(definition.id);
  }
  return slot;
}

bool SeriesRegistry::is_next_slot(AccountId account, SeriesId id) const {
  if (next_slot_ >= slab_.end()) return false;
  Lock lock(slab_.lock_of(next_slot_));
  return slab_[next_slot_].id == id && slab_[next_slot_].account == account;
}

void SeriesRegistry::doom(std::span<const Slot> slots) {
  for (const Slot slot : slots) {
    Lock lock(slab_.lock_of(slot));
    slab_[slot].flags |= kDoomed;
    slab_[slot].needs_definition.store(true, std::memory_order_relaxed);
  }
  if (!slots.empty()) ++epoch_;
}

void SeriesRegistry::retire(const std::vector<Slot>& slots) {
  if (slots.empty()) return;
  const std::unique_lock lock(mutex_);
  std::map<AccountId, std::vector<Slot>> indexed;
  for (const Slot slot : slots)
    if ((slab_[slot].flags & kIndexed) != 0) indexed[slab_[slot].account].push_back(slot);
  for (const auto& [account, gone] : indexed) {
    accounts_.at(account)->labels.remove(gone);
    indexed_ -= gone.size();
  }
  table_.erase({slots.begin(), slots.end()});
  for (const Slot slot : slots) {
    Series& series = slab_[slot];
    ids_.erase(series.id);
    if (const auto others = other_ids_.extract(slot))
      for (const SeriesId id : others.mapped()) ids_.erase(id);
    const AccountId account = series.account;
    {
      Lock slot_lock(slab_.lock_of(slot));
      series.id = {};
      series.account = {};
      series.label_count = 0;
      series.flags = 0;
      series.needs_definition = true;
      series.oldest_day = series.oldest_raw_day = 0;
      series.open = OpenStream();
    }
    Lock create_lock(create_mutex_);
    slab_.release(slot);
    --series_of_account_[static_cast<std::uint32_t>(account)];
  }
  ++epoch_;
}

Result<std::vector<FoundSeries>> SeriesRegistry::find(AccountId account, const Selector& selector,
                                                      std::size_t max_series,
                                                      std::size_t max_candidates) const {
  std::vector<FoundSeries> found;
  SENT_TRY(find(account, selector, max_series, max_candidates,
                [&](const LabelIndex&, std::span<const Slot> slots) {
                  found.reserve(slots.size());
                  for (const Slot slot : slots) found.push_back({slot, slab_[slot].id, slab_[slot].kind});
                }));
  if (!std::ranges::is_sorted(found, {}, &FoundSeries::id)) std::ranges::sort(found, {}, &FoundSeries::id);
  return found;
}

Result<void> SeriesRegistry::find(AccountId account, const Selector& selector, std::size_t max_series,
                                  std::size_t max_candidates, const UseSlots& use) const {
  SENT_TRY_ASSIGN(const auto matchers, compile(selector));
  bool too_many = false;
  with_labels(account, [&](const LabelIndex& labels) {
    const auto slots = labels.find(matchers, max_series, max_candidates);
    too_many = !slots;
    if (slots) use(labels, *slots);
  });
  if (too_many) return fail(Errc::kTooLarge, "the selector matches over {} series", max_series);
  return {};
}

std::shared_ptr<const Labels> SeriesRegistry::labels(AccountId account, SeriesId id) const {
  const std::shared_lock lock(mutex_);
  const Slot slot = ids_.find(id);
  if (slot == kNoSlot || slab_[slot].account != account) return nullptr;
  return std::make_shared<const Labels>(accounts_.at(account)->labels.labels(slab_[slot]));
}

Labels SeriesRegistry::labels(AccountId account, const FoundSeries& found) const {
  const std::shared_lock lock(mutex_);
  if (slab_[found.slot].id != found.id) return {};
  return accounts_.at(account)->labels.labels(slab_[found.slot]);
}

std::string SeriesRegistry::canonical(Slot slot) const {
  const std::shared_lock lock(mutex_);
  return accounts_.at(slab_[slot].account)->labels.canonical(slab_[slot]);
}

void SeriesRegistry::skip_ids(std::uint64_t last) {
  std::uint64_t now = last_id_;
  while (now < last && !last_id_.compare_exchange_weak(now, last)) {
  }
}

}  // namespace sentinella::series
