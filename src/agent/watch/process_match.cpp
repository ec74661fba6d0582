#include "agent/watch/process_match.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::array kInterpreters = {"python", "pypy", "perl", "ruby", "bash",
                                      "dash",   "sh",   "ksh",  "zsh",  "node"};
constexpr std::array kApplicationServers = {"uwsgi", "gunicorn", "apache2", "httpd", "mod_wsgi-express"};
constexpr std::array kExtensions = {".py",   ".sh",   ".pl",   ".rb",  ".ini",
                                    ".wsgi", ".conf", ".yaml", ".yml", ".xml"};
constexpr std::array kServedSuffixes = {"-uwsgi", "-wsgi", "_wsgi"};

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view without_extension(std::string_view name) {
  for (std::string_view extension : kExtensions)
    if (name.size() > extension.size() && name.ends_with(extension))
      return name.substr(0, name.size() - extension.size());
  return name;
}

/// "python3.11" and "uwsgi_python3" count as python and uwsgi; "shred" is not sh.
template <typename Table>
bool is_one_of(std::string_view program, const Table& table) {
  return std::ranges::any_of(table, [&](std::string_view word) {
    if (!program.starts_with(word)) return false;
    const std::string_view rest = program.substr(word.size());
    return rest.empty() || rest.starts_with('_') ||
           rest.find_first_not_of("0123456789.-") == std::string_view::npos;
  });
}

/// A title set by the program itself is one argument with blanks in it.
std::vector<std::string> words_of_title(const std::vector<std::string>& arguments) {
  if (arguments.size() != 1 || arguments[0].find(' ') == std::string::npos) return arguments;
  std::vector<std::string> words;
  for (std::string_view word : split(arguments[0], ' '))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

std::string_view program_of(std::string_view word) {
  for (std::string_view prefix : {"(wsgi:", "("})
    if (word.starts_with(prefix)) word.remove_prefix(prefix.size());
  while (word.ends_with(':') || word.ends_with(')')) word.remove_suffix(1);
  return word;
}

void add_path(std::string_view path, std::vector<std::string>& names) {
  const std::string_view base = base_name(path);
  if (base.empty()) return;
  if (base.size() != path.size()) names.emplace_back(path);
  names.emplace_back(base);
  if (const std::string_view stem = without_extension(base); stem.size() != base.size())
    names.emplace_back(stem);
}

void add_served(std::string_view argument, std::vector<std::string>& names) {
  if (argument.starts_with('-')) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos) return;
    argument.remove_prefix(equals + 1);
  }
  add_path(trim(argument), names);
  const std::string_view stem = without_extension(base_name(trim(argument)));
  for (std::string_view suffix : kServedSuffixes)
    if (const std::size_t at = stem.find(suffix); at != std::string_view::npos && at > 0)
      names.emplace_back(stem.substr(0, at));
}

/// Where the script or module of an interpreter stands; arguments.size() when there is none ("python -c
/// ...").
std::size_t script_index(const std::vector<std::string>& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "-m") return i + 1;
    if (argument == "-c") return arguments.size();
    if (argument == "-W" || argument == "-X")
      ++i;
    else if (!argument.starts_with('-'))
      return i;
  }
  return arguments.size();
}

}  // namespace

std::vector<std::string> process_names(const std::vector<std::string>& raw) {
  const std::vector<std::string> arguments = words_of_title(raw);
  std::vector<std::string> names;
  if (arguments.empty()) return names;
  std::string_view program = program_of(arguments[0]);
  add_path(program, names);
  std::size_t next = 1;
  if (is_one_of(base_name(program), kInterpreters)) {
    const std::size_t script = script_index(arguments);
    if (script >= arguments.size()) return names;
    program = arguments[script];
    add_path(program, names);
    next = script + 1;
  }
  if (is_one_of(base_name(program), kApplicationServers))
    for (std::size_t i = next; i < arguments.size(); ++i) add_served(arguments[i], names);
  return names;
}

ProcessMatch::ProcessMatch(const std::vector<std::string>& arguments) : names_(process_names(arguments)) {
  for (const std::string& argument : arguments) {
    if (!joined_.empty()) joined_ += ' ';
    joined_ += argument;
  }
}

bool ProcessMatch::operator()(std::string_view pattern) const {
  pattern = trim(pattern);
  const std::size_t blank = pattern.find(' ');
  const std::string_view name = pattern.substr(0, blank);
  if (name.empty() || std::ranges::find(names_, name) == names_.end()) return false;
  return blank == std::string_view::npos || joined_.find(trim(pattern.substr(blank))) != std::string::npos;
}

bool matches_process(std::string_view pattern, const std::vector<std::string>& arguments) {
  return ProcessMatch(arguments)(pattern);
}

}  // namespace sentinella::agent
