#include "telemetry/polling/host_command.h"

#include <algorithm>

#include "base/child_process.h"
#include "base/text.h"

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kMaxWords = 100, kMaxSaid = 200;
constexpr std::string_view kShellSigns = "|;&<>$`*?()\n";

/// Where a ${...} that begins at `at` ends, behind its brace; `at` when none begins there.
std::size_t behind_place(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("${")) return at;
  const std::size_t end = text.find('}', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

/// At blanks; quotes keep together and go, what stands in ${...} is one thing.
Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  char quote = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t end = behind_place(text, at);
    if (quote == 0 && (c == ' ' || c == '\t')) {
      within = false;
      ++at;
      continue;
    }
    if (!within) words.emplace_back();
    within = true;
    if (end > at) {
      words.back() += text.substr(at, end - at);
      at = end;
      continue;
    }
    if (quote == 0 && kShellSigns.contains(c))
      return fail(Errc::kInvalid, "\"{}\" means nothing here, no shell reads it: put it into a script", c);
    if (quote == c)
      quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else
      words.back() += c;
    ++at;
  }
  if (quote != 0) return fail(Errc::kInvalid, "a quote is not closed");
  return words;
}

Result<std::string> as_argument(std::string value) {
  if (value.starts_with('-')) return fail(Errc::kInvalid, "\"{}\" could be taken for an option", value);
  if (std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return fail(Errc::kInvalid, "a value holds a control character");
  if (std::ranges::any_of(split(value, '/'), [](std::string_view part) { return part == ".."; }))
    return fail(Errc::kInvalid, "\"{}\" leads to another folder", value);
  return value;
}

}  // namespace

Result<HostCommand> HostCommand::compile(const boost::json::value& spec) {
  std::vector<std::string> words;
  if (spec.is_string()) {
    SENT_TRY_ASSIGN(words, split_words(spec.get_string()));
  } else if (spec.is_array()) {
    for (const boost::json::value& word : spec.get_array()) {
      if (!word.is_string()) return fail(Errc::kInvalid, "must be a text or a list of texts");
      words.emplace_back(word.get_string());
    }
  } else {
    return fail(Errc::kInvalid, "must be a text or a list of texts");
  }
  if (words.empty() || words.front().empty()) return fail(Errc::kInvalid, "names no program");
  if (words.size() > kMaxWords) return fail(Errc::kInvalid, "has over {} words", kMaxWords);
  HostCommand made;
  for (const std::string& word : words) {
    SENT_TRY_ASSIGN(auto compiled, FilledText::compile(word));
    made.words_.push_back(std::move(compiled));
  }
  if (made.words_.front().has_paths())
    return fail(Errc::kInvalid, "the program cannot be a value of a sample");
  return made;
}

bool HostCommand::has_places() const {
  return std::ranges::any_of(words_, &FilledText::has_paths);
}

Result<std::vector<std::string>> HostCommand::words_for(const boost::json::value& scope) const {
  std::vector<std::string> out;
  for (const FilledText& word : words_) {
    SENT_TRY_ASSIGN(auto filled, word.filled_from(scope, as_argument));
    out.push_back(std::move(filled));
  }
  return out;
}

Result<std::string> run_host_command(std::vector<std::string> words, Duration timeout,
                                     const std::atomic<bool>* cancelled) {
  ChildOptions options;
  options.arguments = std::move(words);
  options.timeout = timeout;
  options.max_output = HostCommand::kMaxOutput;
  options.cancelled = cancelled;
  auto result = run_child(options);
  // Not "not found": that would say that who is asked has nothing.
  if (!result)
    return fail(result.error().code == Errc::kNotFound ? Errc::kUnavailable : result.error().code, "{}",
                result.error().message);
  if (result->exit_code != 0)
    return fail(Errc::kUnavailable, "{} ended with {}: {}", options.arguments.front(), result->exit_code,
                trim(std::string_view(result->errors).substr(0, kMaxSaid)));
  if (result->output.ends_with('\n')) result->output.pop_back();
  return std::move(result->output);
}

}  // namespace sentinella::telemetry
