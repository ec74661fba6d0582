// The rules that come with the program: rules/*.yaml, built into it.
#pragma once

#include <string_view>
#include <vector>

namespace sentinella::rules {

/// Texts for parse_rule_file().
const std::vector<std::string_view>& default_rule_files();

}  // namespace sentinella::rules
