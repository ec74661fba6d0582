#include "agent/background.h"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

TEST(Background, WhatATaskFoundIsHandedBackOnTheLoopsThread) {
  const auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  const auto background = Background::create(**loop);
  ASSERT_TRUE(background);
  std::thread::id worked, told;
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE((*background)->start([&]() -> Background::Done {
      worked = std::this_thread::get_id();
      return [&] {
        told = std::this_thread::get_id();
        (*loop)->stop();
      };
    }));
    while ((*background)->busy()) (*loop)->run_once(1s);
    EXPECT_NE(worked, told);
    EXPECT_EQ(told, std::this_thread::get_id());
  }
}

TEST(Background, OneTaskAtATimeAndOneThatHangsHoldsUpNobody) {
  const auto loop = EventLoop::create();
  auto release = std::make_shared<std::promise<void>>();
  auto begun = std::make_shared<std::promise<void>>(), ended = std::make_shared<std::promise<void>>();
  {
    const auto background = Background::create(**loop);
    ASSERT_TRUE((*background)->start([release, begun, ended]() -> Background::Done {
      begun->set_value();
      release->get_future().wait();
      ended->set_value();
      return nullptr;
    }));
    begun->get_future().wait();
    EXPECT_FALSE((*background)->start([]() -> Background::Done { return nullptr; }));
  }
  release->set_value();
  ended->get_future().wait();
}

}  // namespace
}  // namespace sentinella::agent
