// What the tests of this folder share.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/labels.h"
#include "scrape/scrape_config.h"

namespace sentinella::scrape {

inline Labels labels_of(std::initializer_list<Label> labels) {
  return Labels(std::vector<Label>(labels));
}

/// Job j with further lines of YAML, indented by two.
inline ScrapeJob job_of(const std::string& lines = "") {
  auto config = parse_scrape_config("scrape_configs:\n- job_name: j\n" + lines, "/");
  EXPECT_TRUE(config) << (config ? "" : describe(config.error()));
  return config ? std::move(config->jobs.at(0)) : ScrapeJob{};
}

}  // namespace sentinella::scrape
