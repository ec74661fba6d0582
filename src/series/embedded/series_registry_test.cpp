#include "series/embedded/series_registry.h"

#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>

namespace sentinella::series {
namespace {

constexpr AccountId kAccount{1};

LabelMatcher matcher(LabelMatcher::Op op, std::string name, std::string value) {
  return {op, std::move(name), std::move(value)};
}

/// Random series come and go; what is found must be what a list of them says.
TEST(SeriesRegistry, FindsWhatIsThereWhateverCameAndWent) {
  std::mt19937 random(3);
  const auto roll = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  SeriesRegistry registry(10'000);
  std::map<SeriesId, Labels> model;
  std::vector<Slot> fresh;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 40; ++i) {
      std::vector<Label> list{{"__name__", "m" + std::to_string(roll(5))}, {"id", std::to_string(roll(150))}};
      if (roll(2) != 0) list.push_back({"zone", std::string(1, static_cast<char>('a' + roll(3)))});
      const Labels labels(std::move(list));
      const auto resolved = registry.resolve(kAccount, labels.canonical(), SeriesKind::gauge);
      ASSERT_TRUE(resolved);
      ASSERT_EQ(resolved->needs_definition, !model.contains(resolved->id));
      if (model.contains(resolved->id)) {
        ASSERT_EQ(model.at(resolved->id), labels);
      }
      const SeriesDefinition definition{resolved->id, SeriesKind::gauge, labels.canonical()};
      ASSERT_TRUE(registry.define(kAccount, {&definition, 1}, fresh));
      model[resolved->id] = labels;
    }
    std::vector<Slot> gone;
    std::erase_if(model, [&](const auto& one) {
      if (roll(3) != 0) return false;
      gone.push_back(registry.slot_of(one.first));
      return true;
    });
    registry.retire(gone);
    ASSERT_EQ(registry.size(), model.size());
    using Op = LabelMatcher::Op;
    for (const Selector& selector :
         std::vector<Selector>{{{}},
                               {{matcher(Op::equal, "__name__", "m1")}},
                               {{matcher(Op::equal, "zone", "")}},
                               {{matcher(Op::regex, "id", "1.*"), matcher(Op::not_equal, "zone", "b")}},
                               {{matcher(Op::regex, "zone", "a|b"), matcher(Op::equal, "__name__", "m2")}}}) {
      std::set<SeriesId> expected, found;
      const auto matchers = *compile(selector);
      for (const auto& [id, labels] : model)
        if (std::ranges::all_of(matchers,
                                [&](const CompiledMatcher& m) { return m.matches(labels.get(m.name())); }))
          expected.insert(id);
      const auto answer = registry.find(kAccount, selector, 10'000);
      ASSERT_TRUE(answer);
      for (const FoundSeries& one : *answer) {
        found.insert(one.id);
        ASSERT_EQ(registry.labels(kAccount, one), model.at(one.id));
      }
      ASSERT_EQ(found, expected);
    }
  }
}

TEST(SeriesRegistry, AnOldIdLeadsToTheSeriesThatHasItsLabelsNow) {
  SeriesRegistry registry(10);
  std::vector<Slot> fresh;
  const std::string canonical = Labels(std::vector<Label>{{"__name__", "cpu"}}).canonical();
  const auto old = registry.resolve(kAccount, canonical, SeriesKind::gauge)->id;
  const SeriesDefinition on_its_way{old, SeriesKind::gauge, canonical};
  ASSERT_TRUE(registry.define(kAccount, {&on_its_way, 1}, fresh));
  registry.retire({registry.slot_of(old)});
  const auto now = registry.resolve(kAccount, canonical, SeriesKind::gauge)->id;
  ASSERT_NE(now, old);
  ASSERT_TRUE(registry.define(kAccount, {&on_its_way, 1}, fresh));
  EXPECT_EQ(registry.slab()[registry.slot_of(old)].id, now);
  const Slot slot = registry.slot_of(now);
  registry.retire({slot});
  EXPECT_EQ(registry.slot_of(old), kNoSlot);
  EXPECT_EQ(registry.slot_of(now), kNoSlot);
}

TEST(SeriesRegistry, IdsThatWereGivenOutAreNotGivenAgain) {
  SeriesRegistry registry(10);
  registry.skip_ids(5'000'000'000);
  EXPECT_EQ(
      registry.resolve(kAccount, Labels(std::vector<Label>{{"a", "b"}}).canonical(), SeriesKind::gauge)->id,
      SeriesId{5'000'000'001});
}

}  // namespace
}  // namespace sentinella::series
