// Helpers of the collectors' tests: saved texts, and what was written of them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "agent/collect/sample_writer.h"
#include "agent/testing.h"

namespace sentinella::agent {

inline std::string saved(const std::string& name) {
  const std::string text = content_of(std::string(SENTINELLA_TESTDATA) + "/" + name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

/// What was written, by "name{labels without host and instance}".
class Written {
  std::vector<SeriesSamples> samples_;

 public:
  SampleWriter out{samples_, "h", kSomeTime};

  double operator[](const std::string& wanted) const {
    for (const SeriesSamples& s : samples_) {
      Labels labels = s.labels;
      labels.set("host", "");
      labels.set("instance", "");
      if (labels.to_string() == wanted) return s.samples[0].value;
    }
    ADD_FAILURE() << wanted << " is not there, but " << names();
    return -1;
  }
  bool has(std::string_view name) const {
    return std::ranges::any_of(samples_, [&](const auto& s) { return s.labels.get(kMetricName) == name; });
  }
  std::size_t size() const { return samples_.size(); }

 private:
  std::string names() const {
    std::string text;
    for (const SeriesSamples& s : samples_) text += s.labels.to_string() + "\n";
    return text;
  }
};

}  // namespace sentinella::agent
