// The options of one section of server.conf as a table, from which come the reading of keys, the documented
// sample and the error messages. T is the struct that the section fills.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ini.h"
#include "base/result.h"
#include "base/text.h"

namespace sentinella::server {

template <typename T>
struct SectionOption {
  std::string_view key, fallback, help;
  Result<void> (*set)(T&, const std::string&);
};

/// kInvalid without a field: the value; with one: no such key in this section.
template <typename T>
Result<void> set_option(std::span<const SectionOption<T>> options, T& config, const IniOption& given) {
  std::vector<std::string_view> known;
  for (const SectionOption<T>& one : options) {
    if (one.key == given.key) return one.set(config, given.value);
    known.push_back(one.key);
  }
  const auto near = suggest(given.key, known);
  return fail_field(Errc::kInvalid, given.key, "unknown key in [{}]{}", given.section,
                    near ? fmt::format("; did you mean \"{}\"?", *near) : "");
}

/// Every option with its meaning and default, as config_sample().
template <typename T>
std::string sample_of(std::string_view section, std::span<const SectionOption<T>> options) {
  std::string out = fmt::format("\n[{}]\n", section);
  for (const SectionOption<T>& option : options) {
    if (!option.help.empty()) out += fmt::format("# {}\n", option.help);
    out += fmt::format("#{} = {}\n", option.key, option.fallback);
  }
  return out;
}

}  // namespace sentinella::server
