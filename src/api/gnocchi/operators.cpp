#include "api/gnocchi/operators.h"

#include <span>

namespace sentinella::api::gnocchi {
namespace {

struct Spelling {
  std::string_view word, name;
};

constexpr Spelling kComparisons[] = {{"=", "eq"},  {"==", "eq"}, {"eq", "eq"}, {"<", "lt"},
                                     {"lt", "lt"}, {">", "gt"},  {"gt", "gt"}, {"<=", "le"},
                                     {"≤", "le"},  {"le", "le"}, {">=", "ge"}, {"≥", "ge"},
                                     {"ge", "ge"}, {"!=", "ne"}, {"≠", "ne"},  {"ne", "ne"}};
constexpr Spelling kArithmetic[] = {{"%", "mod"},   {"mod", "mod"}, {"+", "add"},   {"add", "add"},
                                    {"-", "sub"},   {"−", "sub"},   {"sub", "sub"}, {"*", "mul"},
                                    {"×", "mul"},   {"mul", "mul"}, {"/", "div"},   {"÷", "div"},
                                    {"div", "div"}, {"**", "pow"},  {"^", "pow"},   {"pow", "pow"}};

std::optional<std::string_view> name_of(std::string_view word, std::span<const Spelling> spellings) {
  for (const Spelling& spelling : spellings)
    if (spelling.word == word) return spelling.name;
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> comparison_named(std::string_view word) {
  return name_of(word, kComparisons);
}

std::optional<std::string_view> arithmetic_named(std::string_view word) {
  return name_of(word, kArithmetic);
}

}  // namespace sentinella::api::gnocchi
