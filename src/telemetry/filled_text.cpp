#include "telemetry/filled_text.h"

#include "base/text.h"

namespace sentinella::telemetry {
namespace {

/// Where a term ends: at a plus outside of quotes, or at the end.
std::size_t end_of_term(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != 0)
      quote = text[i] == quote ? '\0' : quote;
    else if (text[i] == '\'' || text[i] == '"')
      quote = text[i];
    else if (text[i] == '+')
      return i;
  }
  return text.size();
}

bool is_quoted(std::string_view term) {
  return term.size() >= 2 && (term.front() == '\'' || term.front() == '"') && term.back() == term.front() &&
         term.find(term.front(), 1) == term.size() - 1;
}

}  // namespace

std::string text_of_found(const boost::json::value* value) {
  if (value == nullptr) return "";
  return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

Result<void> FilledText::add_path(std::string_view path) {
  SENT_TRY_ASSIGN(auto compiled, JsonPath::compile(path));
  paths_.push_back(std::move(compiled));
  names_.emplace_back(path);
  literals_.emplace_back();
  return {};
}

Result<FilledText> FilledText::compile(std::string_view text) {
  FilledText made;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("$${")) {
      made.literals_.back() += "${";
      at += 3;
    } else if (rest.starts_with("${")) {
      const std::size_t end = rest.find('}');
      if (end == std::string_view::npos) return fail(Errc::kInvalid, "a ${{ is not closed");
      SENT_TRY(made.add_path(rest.substr(2, end - 2)));
      at += end + 1;
    } else {
      made.literals_.back() += rest.front();
      ++at;
    }
  }
  return made;
}

Result<FilledText> FilledText::compile_sum(std::string_view text) {
  FilledText made;
  for (bool more = true; more;) {
    const std::size_t end = end_of_term(text);
    std::string_view term = trim(text.substr(0, end));
    more = end < text.size();
    if (more) text.remove_prefix(end + 1);
    if (is_quoted(term)) {
      made.literals_.back() += term.substr(1, term.size() - 2);
      continue;
    }
    if (term.starts_with("str(") && term.ends_with(')')) term = trim(term.substr(4, term.size() - 5));
    SENT_TRY(made.add_path(term));
  }
  return made;
}

boost::json::value FilledText::value_in(const boost::json::value& document) const {
  if (!is_one_value()) return boost::json::value(text_in(document));
  Found found;
  const auto* value = paths_.front().first(document, found);
  return value == nullptr ? boost::json::value() : *value;
}

std::string FilledText::text_in(const boost::json::value& document) const {
  std::string out = literals_.front();
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    Found found;
    out += text_of_found(paths_[i].first(document, found)) + literals_[i + 1];
  }
  return out;
}

Result<std::string> FilledText::filled_from(const boost::json::value& document, const Shape& shape) const {
  std::string out = literals_.front();
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    Found found;
    const std::string value = text_of_found(paths_[i].first(document, found));
    if (value.empty()) return fail(Errc::kNotFound, "there is no {}", names_[i]);
    SENT_TRY_ASSIGN(const std::string shaped, shape(value));
    out += shaped + literals_[i + 1];
  }
  return out;
}

}  // namespace sentinella::telemetry
