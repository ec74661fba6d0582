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

/// The page of `all`: sorted by `value_of(thing, key)`, behind the thing whose `name_of(thing)` is the
/// marker. `last_keys` make the order unambiguous.
template <typename Thing, typename ValueOf, typename NameOf>
Outcome<std::vector<Thing>> take_page(std::vector<Thing> all, const PageRequest& page,
                                      const std::vector<std::string>& last_keys, ValueOf value_of,
                                      NameOf name_of) {
  std::vector<SortKey> keys = page.sort;
  for (const auto& name : last_keys) keys.push_back({name, false, std::nullopt});
  const auto before = [&](const Thing& a, const Thing& b) {
    for (const SortKey& key : keys) {
      const auto order = compare_by(key, value_of(a, key.name), value_of(b, key.name));
      if (order != 0) return order < 0;
    }
    return false;
  };
  auto first = all.begin();
  if (page.marker) {
    const auto marked =
        std::ranges::find_if(all, [&](const Thing& one) { return name_of(one) == *page.marker; });
    if (marked == all.end()) return unknown_marker(*page.marker);
    const Thing at = *marked;
    first = std::partition(all.begin(), all.end(), [&](const Thing& one) { return !before(at, one); });
  }
  const auto size = std::min(page.limit, static_cast<std::size_t>(all.end() - first));
  const auto last = first + static_cast<std::ptrdiff_t>(size);
  std::partial_sort(first, last, all.end(), before);
  return std::vector<Thing>(first, last);
}

}  // namespace sentinella::api::gnocchi
