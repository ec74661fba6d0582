// The command line: global options, a command, its options and words. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace sentinella::agent {

struct Arguments {
  std::string command;                         ///< "" = none
  std::map<std::string, std::string> options;  ///< long names without "--"; flags have the value ""
  std::vector<std::string> words;              ///< what is not an option

  bool has(const std::string& option) const { return options.contains(option); }
  std::optional<std::string> get(const std::string& option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::nullopt : std::optional(found->second);
  }
};

/// Options are taken before and after the command. kInvalid names the argument, with a suggestion.
Result<Arguments> parse_arguments(const std::vector<std::string>& arguments);

}  // namespace sentinella::agent
