#include "logs/query/pattern.h"

#include <algorithm>

#include <re2/filtered_re2.h>
#include <re2/re2.h>

namespace sentinella::logs {
namespace {

constexpr int kMinAtom = 3;
constexpr std::size_t kMaxAtoms = 16;

bool is_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Whether a regular expression surely has no ^, $, \b, \B, \A or \z. Those quoted by \Q count too.
bool has_no_assertion(std::string_view regex) {
  bool class_begins = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    if (c == '$' || (c == '^' && !class_begins)) return false;
    class_begins = c == '[';
    if (c != '\\') continue;
    if (i + 1 < regex.size() && std::string_view("bBAzQ").find(regex[i + 1]) != std::string_view::npos)
      return false;
    ++i;
  }
  return true;
}

}  // namespace

struct Pattern::Impl {
  re2::FilteredRE2 filtered{kMinAtom};
  const RE2& regex() const { return filtered.GetRE2(0); }
};

Pattern::Pattern(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::compile(std::string_view regex, bool ignore_case) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  options.set_case_sensitive(!ignore_case);
  options.set_encoding(RE2::Options::EncodingLatin1);  // logs hold any bytes
  options.set_never_capture(true);
  auto impl = std::make_unique<Impl>();
  int id = 0;
  if (impl->filtered.Add(re2::StringPiece(regex.data(), regex.size()), options, &id) != RE2::NoError) {
    const RE2 wrong(re2::StringPiece(regex.data(), regex.size()), options);
    return fail_field(Errc::kInvalid, "q", "/{}/ is not a regular expression: {}", regex, wrong.error());
  }
  std::vector<std::string> atoms;
  impl->filtered.Compile(&atoms);
  std::shared_ptr<Pattern> pattern(new Pattern(std::move(impl)));
  if (atoms.size() <= kMaxAtoms && std::ranges::all_of(atoms, is_ascii)) pattern->atoms_ = std::move(atoms);
  pattern->local_ = has_no_assertion(regex);
  return pattern;
}

bool Pattern::found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), impl_->regex());
}

bool Pattern::may_match(std::uint32_t atoms_found) const {
  if (atoms_.empty()) return true;
  std::vector<int> found, possible;
  for (std::size_t i = 0; i < atoms_.size(); ++i)
    if (atoms_found >> i & 1) found.push_back(static_cast<int>(i));
  impl_->filtered.AllPotentials(found, &possible);
  return !possible.empty();
}

}  // namespace sentinella::logs
