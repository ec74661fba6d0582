#include "agent/cli/arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace sentinella::agent {
namespace {

struct Option {
  std::string_view name;
  char letter;  ///< 0 = none
  bool has_value;
  std::string_view commands;  ///< " a b " ; "" = every command
};

constexpr std::array kOptions = {
    Option{"config", 'c', true, ""},           Option{"pidfile", 'p', true, ""},
    Option{"version", 0, false, ""},           Option{"help", 'h', false, ""},
    Option{"yes", 'y', false, " init "},       Option{"force", 'f', false, " init "},
    Option{"account-key", 0, true, " init "},  Option{"server-url", 0, true, " init "},
    Option{"ca-file", 0, true, " init "},      Option{"pinned-sha256", 0, true, " init "},
    Option{"state-dir", 0, true, " init "},    Option{"log-file", 0, true, " init "},
    Option{"once", 0, false, " run "},         Option{"print", 0, false, " run "},
    Option{"signing-key", 0, true, " index "}, Option{"valid-days", 0, true, " index "},
    Option{"available", 0, false, " list "},   Option{"compact", 0, false, " list "},
    Option{"json", 0, false, " show status "}, Option{"markdown", 0, false, " metrics "},
    Option{"service", 0, true, " import "},    Option{"host", 0, true, " import "},
    Option{"format", 0, true, " import "},     Option{"zone", 0, true, " import "},
    Option{"again", 0, false, " import "},
};

constexpr std::array<std::string_view, 17> kCommands = {
    "clear", "disable", "discover",  "doctor", "enable", "import", "index",     "init",   "install",
    "list",  "metrics", "reinstall", "run",    "show",   "status", "uninstall", "upgrade"};

const Option* find_option(std::string_view name) {
  const auto found = std::ranges::find_if(kOptions, [&](const Option& o) { return o.name == name; });
  return found == kOptions.end() ? nullptr : &*found;
}

const Option* find_letter(std::string_view argument) {
  if (argument.size() != 2) return nullptr;
  const auto found = std::ranges::find_if(kOptions, [&](const Option& o) { return o.letter == argument[1]; });
  return found == kOptions.end() ? nullptr : &*found;
}

std::unexpected<Error> unknown_option(std::string_view argument) {
  std::vector<std::string> spelt;
  for (const Option& option : kOptions) spelt.push_back("--" + std::string(option.name));
  const std::vector<std::string_view> candidates(spelt.begin(), spelt.end());
  if (const auto near = suggest(argument, candidates))
    return fail(Errc::kInvalid, "no such option: {}; did you mean {}?", argument, *near);
  return fail(Errc::kInvalid, "no such option: {}", argument);
}

Result<void> check_command(const Arguments& parsed) {
  if (parsed.command.empty()) return {};
  if (std::ranges::find(kCommands, parsed.command) == kCommands.end()) {
    const std::vector<std::string_view> commands(kCommands.begin(), kCommands.end());
    if (const auto near = suggest(parsed.command, commands))
      return fail(Errc::kInvalid, "no such command: {}; did you mean {}?", parsed.command, *near);
    return fail(Errc::kInvalid, "no such command: {}", parsed.command);
  }
  for (const auto& [name, value] : parsed.options) {
    const Option* option = find_option(name);
    if (!option->commands.empty() &&
        option->commands.find(" " + parsed.command + " ") == std::string_view::npos)
      return fail(Errc::kInvalid, "--{} is not an option of {}", name, parsed.command);
  }
  return {};
}

}  // namespace

Result<Arguments> parse_arguments(const std::vector<std::string>& arguments) {
  Arguments parsed;
  bool options_end = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (options_end || argument.size() < 2 || argument[0] != '-') {
      if (parsed.command.empty())
        parsed.command = argument;
      else
        parsed.words.emplace_back(argument);
      continue;
    }
    if (argument == "--") {
      options_end = true;
      continue;
    }
    const bool is_long = argument.starts_with("--");
    const std::size_t equals = is_long ? argument.find('=') : std::string_view::npos;
    const std::string_view name =
        is_long ? argument.substr(2, equals == std::string_view::npos ? equals : equals - 2) : argument;
    const Option* option = is_long ? find_option(name) : find_letter(argument);
    if (!option) return unknown_option(argument);
    std::string value;
    if (equals != std::string_view::npos) {
      if (!option->has_value) return fail(Errc::kInvalid, "--{} takes no value", option->name);
      value = argument.substr(equals + 1);
    } else if (option->has_value) {
      if (++i == arguments.size()) return fail(Errc::kInvalid, "{} needs a value", argument);
      value = arguments[i];
    }
    parsed.options[std::string(option->name)] = value;
  }
  SENT_TRY(check_command(parsed));
  return parsed;
}

}  // namespace sentinella::agent
