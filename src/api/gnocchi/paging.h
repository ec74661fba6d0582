// Lists page by page: ?limit=&marker=&sort=key:asc|desc[-nullsfirst|-nullslast], and the Link to the next
// page.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "api/gnocchi/call.h"
#include "api/gnocchi/filter.h"

namespace sentinella::api::gnocchi {

struct SortKey {
  std::string name;
  bool descending = false;
  std::optional<bool> nulls_first;  ///< absent: as databases do, first when ascending
};

struct PageRequest {
  std::size_t limit = 0;
  std::optional<std::string> marker;
  std::vector<SortKey> sort;
};

/// `known` says which keys there are; `usual` is the order when none is asked for. 400.
Outcome<PageRequest> read_page(const Call& call, const std::vector<std::string>& usual,
                               const std::function<bool(const std::string&)>& known);

/// Less, equal or greater under one key.
std::weak_ordering compare_by(const SortKey& key, const catalog::AttributeValue& a,
                              const catalog::AttributeValue& b);

Failure unknown_marker(const std::string& marker);
/// "Link: <...>; rel="next"" when the page is full; `marker` names its last thing.
void add_next_link(Reply& reply, const Call& call, const PageRequest& page, const std::string& marker);

/// A page of things that come one after the other: sorted by `value_of(thing, key)`, behind the thing that
/// the marker names. `last_keys` make the order unambiguous. However many come, two pages of them are kept.
template <typename Thing, typename ValueOf>
class PageOf {
 public:
  PageOf(const PageRequest& page, const std::vector<std::string>& last_keys, ValueOf value_of,
         std::optional<Thing> behind)
      : limit_(page.limit), keys_(page.sort), value_of_(std::move(value_of)), behind_(std::move(behind)) {
    for (const auto& name : last_keys) keys_.push_back({name, false, std::nullopt});
  }

  void take(Thing one) {
    if (behind_ && !before(*behind_, one)) return;
    kept_.push_back(std::move(one));
    if (kept_.size() >= 2 * limit_) cut();
  }
  std::vector<Thing> things() && {
    cut();
    std::ranges::sort(kept_, [this](const Thing& a, const Thing& b) { return before(a, b); });
    return std::move(kept_);
  }

 private:
  bool before(const Thing& a, const Thing& b) const {
    for (const SortKey& key : keys_) {
      const auto order = compare_by(key, value_of_(a, key.name), value_of_(b, key.name));
      if (order != 0) return order < 0;
    }
    return false;
  }
  void cut() {
    if (kept_.size() <= limit_) return;
    const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(limit_);
    std::nth_element(kept_.begin(), end, kept_.end(),
                     [this](const Thing& a, const Thing& b) { return before(a, b); });
    kept_.erase(end, kept_.end());
  }

  const std::size_t limit_;
  std::vector<SortKey> keys_;
  const ValueOf value_of_;
  const std::optional<Thing> behind_;
  std::vector<Thing> kept_;
};

/// The page of `all`, with the marker among them: `name_of(thing)`.
template <typename Thing, typename ValueOf, typename NameOf>
Outcome<std::vector<Thing>> take_page(std::vector<Thing> all, const PageRequest& page,
                                      const std::vector<std::string>& last_keys, ValueOf value_of,
                                      NameOf name_of) {
  std::optional<Thing> behind;
  if (page.marker) {
    const auto marked =
        std::ranges::find_if(all, [&](const Thing& one) { return name_of(one) == *page.marker; });
    if (marked == all.end()) return unknown_marker(*page.marker);
    behind = *marked;
  }
  PageOf<Thing, ValueOf> chosen(page, last_keys, std::move(value_of), std::move(behind));
  for (Thing& one : all) chosen.take(std::move(one));
  return std::move(chosen).things();
}

}  // namespace sentinella::api::gnocchi
