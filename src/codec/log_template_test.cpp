#include "codec/log_template.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

TEST(LogTemplate, WhatVariesBecomesAHole) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Instance 3f0c2a7e-1111-4222-8333-944455556666 failed after 3 s", "Instance <*> failed after <*> s"},
      {"No valid host was found. ", "No valid host was found."},
      {"AMQP server on 10.0.0.5:5672 is unreachable: timed out. Trying again in 2 seconds.",
       "AMQP server on <*> is unreachable: timed out. Trying again in <*> seconds."},
      {"Deleting instance files /var/lib/nova/instances/abc_del", "Deleting instance files <*>"},
      {"GET http://a/b?x=y&z=w done", "GET <*> done"},
      {"host='cmp one', name=\"it's\" can't", "host=<*>, name=<*> can't"},
      {"wait for [('network-vif-plugged', 'x')] for instance", "wait for [(<*>, <*>)] for instance"},
      {"read/write and/or deadbeef beef", "read/write and/or <*> beef"},
      {"  a \t b\n\nc ", "a b c"},
      {"option ``noauth2``, ok", "option ``<*>``, ok"},
      {"an 'open quote", "an 'open quote"},
      {"line 'one\nline' two", "line 'one line' two"},
      {"café naïve", "café naïve"},
      {"request req-abcdef-x took 0.25s!", "request <*> took <*>!"},
      {"Why?! ... :", "Why?! ... :"},
      {"", ""},
      {"/ - --", "/ - --"},
  };
  for (const auto& [message, expected] : cases) EXPECT_EQ(log_template(message), expected) << message;
}

TEST(LogTemplate, MessagesThatDifferInIdsShareAnIdAndOthersDoNot) {
  EXPECT_EQ(log_template_id("Took 1.5 seconds to build 7855ebe6-1bf4-4202-9f81-27ec8d69fcd1"),
            log_template_id("Took 22 seconds to build aaf02bd3-819e-462e-84df-4ed227888291"));
  EXPECT_NE(log_template_id("Took 1.5 seconds to build it"), log_template_id("Took 1.5 seconds to spawn it"));
  EXPECT_NE(log_template_id(""), 0u);
}

TEST(LogTemplate, TheIdIsTheHashOfTheTemplateOnEveryMachine) {
  // XXH3_64bits of "Instance <*> failed after <*> s": a change here is a change of the format on disk.
  EXPECT_EQ(log_template_id("Instance 3f0c failed after 3 s"), 0x091fae54ef120763u);
  EXPECT_EQ(log_template_id("Instance <*> failed after <*> s"),
            log_template_id("Instance 1 failed after 2 s"));
}

/// The page of docs/formats word by word, as slow as it likes.
std::string simple_template(std::string_view text) {
  const auto is = [](std::string_view set, char c) { return set.find(c) != std::string_view::npos; };
  const auto blank = [&](char c) { return is(" \t\n\r\v\f", c); };
  const auto word = [&](char c) { return !blank(c) && !is("'\"()[]{}<>,;=|`", c); };
  const auto location = [](std::string_view w) {
    return w.starts_with('/') || w.starts_with("./") || w.starts_with("~/") || w.find("://") != w.npos ||
           std::ranges::count(w, '/') >= 2;
  };
  std::string out;
  bool gap = false;
  const auto emit = [&](std::string_view piece) {
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += piece;
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (blank(c)) {
      gap = true;
      ++at;
    } else if (is("'\"", c)) {
      std::size_t close = at + 1;
      while (close < text.size() && text[close] != '\n' &&
             !(text[close] == c &&
               (close + 1 == text.size() || !word(text[close + 1]) || is(".:!?", text[close + 1]))))
        ++close;
      const bool closes = (at == 0 || !word(text[at - 1])) && close < text.size() && text[close] == c;
      emit(closes ? "<*>" : text.substr(at, 1));
      at = closes ? close + 1 : at + 1;
    } else if (!word(c)) {
      emit(text.substr(at++, 1));
    } else {
      std::size_t end = at;
      while (end < text.size() && word(text[end])) ++end;
      if (location(text.substr(at, end - at)))
        while (end < text.size() && text[end] == '=')
          for (++end; end < text.size() && word(text[end]);) ++end;
      std::size_t marks = end;
      while (marks > at && is(".:!?", text[marks - 1])) --marks;
      const std::string_view w = text.substr(at, marks - at);
      const bool digit = std::ranges::any_of(w, [&](char d) { return is("0123456789", d); });
      const bool hex = w.size() >= 8 && std::ranges::all_of(w, [&](char d) { return is("abcdefABCDEF", d); });
      const bool hole = digit || w.starts_with("req-") || (w.size() > 1 && location(w)) || hex;
      if (!w.empty()) emit(hole ? "<*>" : w);
      if (marks != end) emit(text.substr(marks, end - marks));
      at = end;
    }
  }
  return out;
}

TEST(LogTemplate, AnyTextGivesWhatThePageSays) {
  const std::string_view pieces[] = {
      "a",  "word",     "deadbeef", "abcdefab1", "req-x", "1",  "http://h/p", "/a/b",        " ", "  ",
      "\t", "\n",       "'",        "\"",        "can't", ".",  ":",          "=",           ",", "(",
      ")",  "\xc3\xa9", "-",        "/",         "q-",    "ab", "fe",         "accededfaced"};
  std::mt19937_64 random(11);
  for (int round = 0; round < 10'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 60; i > 0; --i) text += pieces[random() % std::size(pieces)];
    ASSERT_EQ(log_template(text), simple_template(text)) << text;
  }
}

TEST(LogTemplate, WhatWasSeenBeforeGivesWhatALookAtItGives) {
  const std::string_view pieces[] = {"word ",   "more", " 12", " a1b2.", "'x'",   " \"p/q 7\"",
                                     " can't",  "= ",   ", ",  "'",      " 0.5:", " /a/b/7",
                                     " req-ab", " ",    "\n",  "5",      "é",     ". "};
  std::mt19937_64 random(13);
  LogTemplater remembers;
  for (int round = 0; round < 40'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 5; i > 0; --i) text += pieces[random() % std::size(pieces)];
    std::vector<TextSpan> found, looked;
    const std::uint64_t id = remembers.id(text, 7, found);
    ASSERT_EQ(id, LogTemplater().id(text, 7, looked)) << text;
    ASSERT_EQ(found, looked) << text;
    ASSERT_EQ(id, log_template_id(text));
  }
}

TEST(LogTemplate, ATextFullOfQuotesIsStillFast) {
  std::string hostile;
  for (int i = 0; i < 200'000; ++i) hostile += i % 2 ? " 'a" : " \"b";
  const std::string result = log_template(hostile);
  EXPECT_EQ(result.size(), hostile.size() - 1);
}

}  // namespace
}  // namespace sentinella::codec
