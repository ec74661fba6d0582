#include "logs/block/field_text.h"

#include <algorithm>
#include <charconv>

#include "logs/block/char_class.h"
#include "logs/block/text_plan.h"

namespace sentinella::logs {
namespace {

/// The place of a number that is not part of a longer one.
std::size_t find_number(std::string_view text, std::string_view number) {
  const auto is_digit = [](char c) { return (class_of(c) & kDigit) != 0; };
  for (std::size_t at = text.find(number); at != text.npos; at = text.find(number, at + 1)) {
    const std::size_t end = at + number.size();
    if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end]))) return at;
  }
  return text.npos;
}

}  // namespace

std::size_t Digits::write(char (&to)[12], std::uint32_t number) {
  if (number == 0) return 0;
  return static_cast<std::size_t>(std::to_chars(to, to + sizeof to, number).ptr - to);
}

std::string_view field_text(const RecordView& record, Field field, const Digits& digits) {
  switch (field) {
    case Field::component:
      return record.component;
    case Field::request_id:
      return record.request_id;
    case Field::global_request_id:
      return record.global_request_id;
    case Field::user_id:
      return record.user_id;
    case Field::project_id:
      return record.project_id;
    case Field::instance:
      return record.instance;
    case Field::pid:
      return digits.pid();
    case Field::message:
      return record.message;
    case Field::domain_id:
      return record.domain_id;
    case Field::http_client:
      return record.http.client;
    case Field::http_method:
      return record.http.method;
    case Field::http_path:
      return record.http.path;
    case Field::http_status:
      return digits.status();
  }
  return {};
}

std::size_t place_of(Field field, std::string_view text, std::string_view line, std::size_t past_path) {
  // Views into the line itself need no search. (As numbers: those of other memory compare unspecified.)
  const auto at =
      reinterpret_cast<std::uintptr_t>(text.data()) - reinterpret_cast<std::uintptr_t>(line.data());
  if (at < line.size() && text.size() <= line.size() - at) return at;
  const std::string_view head = line.substr(0, kMaxHead);
  if (field == Field::pid) return find_number(head, text);
  if (field != Field::http_status) return head.find(text);
  const std::size_t after = std::min(past_path, head.size());
  const std::size_t found = find_number(head.substr(after), text);
  return found == head.npos ? found : after + found;
}

}  // namespace sentinella::logs
