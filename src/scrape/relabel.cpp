#include "scrape/relabel.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <openssl/evp.h>
#include <re2/re2.h>

#include "base/text.h"

namespace sentinella::scrape {
namespace {

using Groups = std::vector<re2::StringPiece>;

constexpr std::size_t kMaxGroups = 64;

constexpr std::array<std::pair<std::string_view, RelabelAction>, 11> kActions{{
    {"replace", RelabelAction::replace},
    {"keep", RelabelAction::keep},
    {"drop", RelabelAction::drop},
    {"keepequal", RelabelAction::keepequal},
    {"dropequal", RelabelAction::dropequal},
    {"hashmod", RelabelAction::hashmod},
    {"labelmap", RelabelAction::labelmap},
    {"labeldrop", RelabelAction::labeldrop},
    {"labelkeep", RelabelAction::labelkeep},
    {"lowercase", RelabelAction::lowercase},
    {"uppercase", RelabelAction::uppercase},
}};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// A text with $1, ${1}, $name, ${name}; $$ is a dollar, a group that is not there is empty (Go's
/// regexp.Expand).
class Template {
 public:
  Template(std::string_view text, const re2::RE2& regex) {
    while (!text.empty()) {
      const auto dollar = std::min(text.find('$'), text.size());
      literal(text.substr(0, dollar));
      text.remove_prefix(dollar);
      if (!text.empty()) text.remove_prefix(reference(text, regex));
    }
  }

  std::string expand(const Groups& groups) const {
    std::string out;
    for (const Piece& piece : pieces_) {
      out += piece.literal;
      if (piece.group < groups.size() && groups[piece.group].data() != nullptr)
        out.append(groups[piece.group].data(), groups[piece.group].size());
    }
    return out;
  }

 private:
  static constexpr std::size_t kNoGroup = SIZE_MAX;
  struct Piece {
    std::string literal;
    std::size_t group = kNoGroup;
  };

  void literal(std::string_view text) {
    if (!text.empty()) pieces_.push_back({std::string(text), kNoGroup});
  }

  /// How many bytes of `text`, which begins with '$', the reference takes.
  std::size_t reference(std::string_view text, const re2::RE2& regex) {
    if (text.starts_with("$$")) return literal("$"), 2;
    const bool braces = text.starts_with("${");
    const std::size_t first = braces ? 2 : 1;
    std::size_t last = first;
    while (last < text.size() && is_word(text[last])) ++last;
    const bool closed = !braces || (last < text.size() && text[last] == '}');
    if (last == first || !closed) return literal("$"), 1;
    const std::string name(text.substr(first, last - first));
    if (const auto number = parse_uint(name)) {
      pieces_.push_back({{}, static_cast<std::size_t>(*number)});
    } else if (const auto found = regex.NamedCapturingGroups().find(name);
               found != regex.NamedCapturingGroups().end()) {
      pieces_.push_back({{}, static_cast<std::size_t>(found->second)});
    }
    return last + (braces ? 1 : 0);
  }

  std::vector<Piece> pieces_;
};

/// A label name in which $1, ${1} may stand for a part.
bool is_label_template(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_word(text[i])) continue;
    if (text[i] != '$') return false;
    const bool braces = i + 1 < text.size() && text[i + 1] == '{';
    std::size_t end = i + (braces ? 2 : 1);
    const std::size_t first = end;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end == first || (braces && (end == text.size() || text[end] != '}'))) return false;
    i = braces ? end : end - 1;
  }
  return true;
}

/// The last 8 bytes of the MD5, big-endian: which shard a text belongs to must not depend on who computes it.
std::uint64_t shard_hash(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_md5(), nullptr);
  std::uint64_t hash = 0;
  for (std::size_t i = 8; i < 16; ++i) hash = hash << 8 | digest[i];
  return hash;
}

std::string to_upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

Result<void> check(const RelabelRule& rule) {
  using enum RelabelAction;
  const auto is = [&](auto... actions) { return ((rule.action == actions) || ...); };
  if (is(replace, hashmod, lowercase, uppercase, keepequal, dropequal) && rule.target_label.empty())
    return fail_field(Errc::kInvalid, "target_label", "this action needs a target_label");
  if (is(replace) && !is_label_template(rule.target_label))
    return fail_field(Errc::kInvalid, "target_label", "\"{}\" is not a label name", rule.target_label);
  if (is(hashmod, lowercase, uppercase, keepequal, dropequal) && !is_label_name(rule.target_label))
    return fail_field(Errc::kInvalid, "target_label", "\"{}\" is not a label name", rule.target_label);
  if (is(labelmap) && !is_label_template(rule.replacement))
    return fail_field(Errc::kInvalid, "replacement", "\"{}\" is not a label name", rule.replacement);
  if (is(hashmod) && rule.modulus == 0)
    return fail_field(Errc::kInvalid, "modulus", "hashmod needs a modulus of at least 1");
  const RelabelRule usual;
  const bool plain =
      rule.separator == usual.separator && rule.replacement == usual.replacement && rule.modulus == 0;
  if (is(labeldrop, labelkeep) && !(plain && rule.source_labels.empty() && rule.target_label.empty()))
    return fail_field(Errc::kInvalid, "action", "labeldrop and labelkeep take only a regex");
  if (is(keepequal, dropequal) && !(plain && rule.regex == usual.regex))
    return fail_field(Errc::kInvalid, "action",
                      "keepequal and dropequal take only source_labels and target_label");
  for (const std::string& name : rule.source_labels)
    if (!is_label_name(name))
      return fail_field(Errc::kInvalid, "source_labels", "\"{}\" is not a label name", name);
  return {};
}

}  // namespace

bool is_label_name(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::ranges::all_of(text, is_word);
}

Result<RelabelAction> parse_relabel_action(std::string_view text) {
  const std::string lower = to_lower(text);
  std::vector<std::string_view> names;
  for (const auto& [name, action] : kActions) {
    if (name == lower) return action;
    names.push_back(name);
  }
  const auto near = suggest(lower, names);
  return fail_field(Errc::kInvalid, "action", "unknown action \"{}\"{}", text,
                    near ? fmt::format("; did you mean {}?", *near) : "");
}

class Relabeling::Step {
 public:
  explicit Step(const RelabelRule& rule)
      : rule_(rule),
        regex_(rule.regex, re2::RE2::Quiet),
        replacement_(rule.replacement, regex_),
        target_(rule.target_label, regex_) {}

  Result<void> check_regex() const {
    if (!regex_.ok())
      return fail_field(Errc::kInvalid, "regex", "\"{}\" is not a regular expression: {}", rule_.regex,
                        regex_.error());
    if (static_cast<std::size_t>(regex_.NumberOfCapturingGroups()) > kMaxGroups)
      return fail_field(Errc::kInvalid, "regex", "it has more than {} groups", kMaxGroups);
    return {};
  }

  bool apply(Labels& labels) const {
    switch (rule_.action) {
      using enum RelabelAction;
      case replace:
        substitute(labels);
        return true;
      case keep:
        return matches(source(labels));
      case drop:
        return !matches(source(labels));
      case keepequal:
        return labels.get(rule_.target_label) == source(labels);
      case dropequal:
        return labels.get(rule_.target_label) != source(labels);
      case hashmod:
        labels.set(rule_.target_label, fmt::format("{}", shard_hash(source(labels)) % rule_.modulus));
        return true;
      case lowercase:
        labels.set(rule_.target_label, to_lower(source(labels)));
        return true;
      case uppercase:
        labels.set(rule_.target_label, to_upper(source(labels)));
        return true;
      case labelmap:
        map_names(labels);
        return true;
      case labeldrop:
        keep_names(labels, false);
        return true;
      case labelkeep:
        keep_names(labels, true);
        return true;
    }
    return true;
  }

 private:
  std::string source(const Labels& labels) const {
    std::string text;
    for (std::size_t i = 0; i < rule_.source_labels.size(); ++i) {
      if (i > 0) text += rule_.separator;
      text += labels.get(rule_.source_labels[i]);
    }
    return text;
  }

  bool matches(std::string_view text) const {
    return regex_.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::ANCHOR_BOTH, nullptr, 0);
  }

  std::optional<Groups> groups_of(std::string_view text) const {
    Groups groups(static_cast<std::size_t>(regex_.NumberOfCapturingGroups()) + 1);
    if (!regex_.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::ANCHOR_BOTH, groups.data(),
                      static_cast<int>(groups.size())))
      return std::nullopt;
    return groups;
  }

  void substitute(Labels& labels) const {
    const std::string text = source(labels);
    const auto groups = groups_of(text);
    if (!groups) return;
    const std::string target = target_.expand(*groups);
    if (is_label_name(target)) labels.set(target, replacement_.expand(*groups));
  }

  void map_names(Labels& labels) const {
    std::vector<Label> mapped;
    for (const Label& label : labels)
      if (const auto groups = groups_of(label.name))
        mapped.push_back({replacement_.expand(*groups), label.value});
    for (const Label& label : mapped)
      if (is_label_name(label.name)) labels.set(label.name, label.value);
  }

  void keep_names(Labels& labels, bool matching) const {
    std::vector<Label> kept;
    for (const Label& label : labels)
      if (matches(label.name) == matching) kept.push_back(label);
    if (kept.size() != labels.size()) labels = Labels(std::move(kept));
  }

  const RelabelRule rule_;
  const re2::RE2 regex_;
  const Template replacement_;
  const Template target_;
};

Result<void> Relabeling::add(const RelabelRule& rule) {
  SENT_TRY(check(rule));
  auto step = std::make_shared<const Step>(rule);
  SENT_TRY(step->check_regex());
  steps_.push_back(std::move(step));
  return {};
}

bool Relabeling::apply(Labels& labels) const {
  return std::ranges::all_of(steps_, [&](const auto& step) { return step->apply(labels); });
}

}  // namespace sentinella::scrape
