#include "query/label_functions.h"

#include <array>
#include <charconv>

#include <re2/re2.h>

#include "query/lexer.h"

namespace sentinella::query {
namespace {

constexpr std::size_t kMaxGroups = 64;
/// Of a label's value that is made here: nested calls could double it without end.
constexpr std::size_t kMaxValue = 64u << 10;

bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A replacement text in pieces: literal text, then the group that follows it (-1: none).
struct Piece {
  std::string text;
  int group = -1;
};

/// $name takes the longest word, ${name} what the braces hold, $$ is a dollar; an unknown group is empty.
/// What is no well-formed reference stands for itself.
std::vector<Piece> split_template(const std::string& text, const RE2& regex) {
  std::vector<Piece> pieces(1);
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      pieces.back().text += text[i++];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '$') {
      pieces.back().text += '$';
      i += 2;
      continue;
    }
    const bool braces = i + 1 < text.size() && text[i + 1] == '{';
    const std::size_t begin = i + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    if (end == begin || !closed) {
      pieces.back().text += text[i++];
      continue;
    }
    const auto name = text.substr(begin, end - begin);
    int number = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const auto& named = regex.NamedCapturingGroups();
    if (error == std::errc() && stop == name.data() + name.size())
      pieces.back().group = number;
    else if (const auto found = named.find(name); found != named.end())
      pieces.back().group = found->second;
    pieces.emplace_back();
    i = end + (braces ? 1 : 0);
  }
  return pieces;
}

Result<void> set_label(RowLabels& row, const std::string& name, std::string_view value) {
  if (value.size() > kMaxValue)
    return fail(Errc::kTooLarge, "the value of label {} would be {} bytes, at most {}", name, value.size(),
                kMaxValue);
  Labels labels = row.to_labels();
  labels.set(name, value);
  row = RowLabels(std::move(labels));
  return {};
}

Result<void> finish(Matrix& vector) {
  vector.unique_without_name = false;
  return join_equal_rows(vector);
}

}  // namespace

Result<void> label_replace(Matrix& vector, const std::string& target, const std::string& replacement,
                           const std::string& source, const std::string& regex_text) {
  const RE2 regex(regex_text, RE2::Quiet);
  if (!regex.ok())
    return fail(Errc::kInvalid, "invalid regular expression in label_replace(): {}", regex_text);
  if (!is_label_name(target))
    return fail(Errc::kInvalid, "invalid destination label name in label_replace(): {}", target);
  const auto pieces = split_template(replacement, regex);
  const int groups = std::min<int>(regex.NumberOfCapturingGroups() + 1, kMaxGroups);
  std::array<re2::StringPiece, kMaxGroups> match;
  for (RowLabels& row : vector.labels) {
    const std::string value(row.get(source));
    if (!regex.Match(value, 0, value.size(), RE2::ANCHOR_BOTH, match.data(), groups)) continue;
    std::string text;
    for (const Piece& piece : pieces) {
      text += piece.text;
      if (piece.group >= 0 && piece.group < groups)
        text.append(match[static_cast<std::size_t>(piece.group)].data(),
                    match[static_cast<std::size_t>(piece.group)].size());
    }
    SENT_TRY(set_label(row, target, text));
  }
  return finish(vector);
}

Result<void> label_join(Matrix& vector, const std::string& target, const std::string& separator,
                        const std::vector<std::string>& sources) {
  for (const auto& source : sources)
    if (!is_label_name(source))
      return fail(Errc::kInvalid, "invalid source label name in label_join(): {}", source);
  if (!is_label_name(target))
    return fail(Errc::kInvalid, "invalid destination label name in label_join(): {}", target);
  for (RowLabels& row : vector.labels) {
    std::string text;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (i > 0) text += separator;
      text += row.get(sources[i]);
    }
    SENT_TRY(set_label(row, target, text));
  }
  return finish(vector);
}

}  // namespace sentinella::query
