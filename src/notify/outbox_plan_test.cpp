#include "notify/outbox_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::notify {
namespace {

using Transition = Notification::Transition;

struct Case {
  std::string_view earlier;  ///< transition:state, oldest first; "unsent" and "tried" are pending
  Transition transition;
  std::string_view expected;  ///< transition:state of the new entry, "" = none
  std::size_t superseded;
  bool wanted = true;
};

class OutboxPlanTest : public testing::TestWithParam<Case> {};

TEST_P(OutboxPlanTest, TellsEachChannelWhatItNeedsToKnow) {
  std::vector<catalog::OutboxEntry> earlier;
  std::string_view rest = GetParam().earlier;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    catalog::OutboxEntry entry;
    entry.sequence = earlier.size();
    entry.transition = item.substr(0, item.find(':'));
    entry.last_error = entry.state = item.substr(item.find(':') + 1);
    if (entry.state == "unsent" || entry.state == "tried") entry.state = "pending";
    earlier.insert(earlier.begin(), entry);
  }
  const OutboxPlan plan = plan_outbox(earlier, GetParam().transition, GetParam().wanted,
                                      [](const auto& entry) { return entry.last_error == "unsent"; });
  EXPECT_EQ(plan.transition.empty() ? "" : plan.transition + ":" + plan.state, GetParam().expected);
  EXPECT_EQ(plan.superseded.size(), GetParam().superseded);
}

INSTANTIATE_TEST_SUITE_P(
    All, OutboxPlanTest,
    testing::Values(Case{"", Transition::opened, "opened:pending", 0},
                    Case{"", Transition::opened, "", 0, false}, Case{"", Transition::closed, "", 0},
                    Case{"opened:delivered", Transition::closed, "closed:pending", 0},
                    Case{"opened:delivered", Transition::closed, "closed:pending", 0, false},
                    Case{"opened:tried", Transition::closed, "closed:pending", 0},
                    Case{"opened:unsent", Transition::closed, "closed:superseded", 1},
                    Case{"opened:failed", Transition::closed, "", 0},
                    Case{"opened:delivered closed:delivered", Transition::closed, "", 0},
                    Case{"opened:delivered closed:delivered", Transition::reopened, "reopened:pending", 0},
                    Case{"opened:delivered closed:unsent", Transition::reopened, "reopened:pending", 1},
                    Case{"opened:unsent", Transition::severity, "opened:pending", 1},
                    Case{"opened:delivered", Transition::severity, "severity:pending", 0},
                    Case{"opened:delivered severity:unsent", Transition::severity, "severity:pending", 1},
                    Case{"opened:delivered severity:unsent", Transition::closed, "closed:pending", 1},
                    Case{"opened:superseded closed:superseded", Transition::reopened, "reopened:pending", 0},
                    Case{"opened:superseded opened:unsent", Transition::closed, "closed:superseded", 1},
                    Case{"opened:unsent", Transition::closed, "closed:superseded", 1, false},
                    Case{"opened:unsent", Transition::severity, "opened:pending", 1, false},
                    Case{"opened:delivered", Transition::severity, "", 0, false},
                    Case{"opened:delivered closed:unsent", Transition::reopened, "reopened:pending", 1,
                         false},
                    Case{"opened:delivered closed:delivered", Transition::reopened, "", 0, false}));

}  // namespace
}  // namespace sentinella::notify
