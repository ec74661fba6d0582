#include "model/log_record.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace sentinella {

std::string_view to_string(Severity severity) {
  constexpr std::array<std::string_view, 8> kNames = {"UNSPECIFIED", "TRACE",   "DEBUG", "INFO",
                                                      "AUDIT",       "WARNING", "ERROR", "CRITICAL"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::optional<Severity> parse_severity(std::string_view text) {
  struct Spelling {
    std::string_view text;
    Severity severity;
  };
  constexpr std::array kSpellings = {
      Spelling{"trace", Severity::trace},       Spelling{"debug", Severity::debug},
      Spelling{"dbg", Severity::debug},         Spelling{"info", Severity::info},
      Spelling{"inf", Severity::info},          Spelling{"notice", Severity::info},
      Spelling{"note", Severity::info},         Spelling{"audit", Severity::audit},
      Spelling{"warning", Severity::warning},   Spelling{"warn", Severity::warning},
      Spelling{"error", Severity::error},       Spelling{"err", Severity::error},
      Spelling{"critical", Severity::critical}, Spelling{"crit", Severity::critical},
      Spelling{"fatal", Severity::critical},    Spelling{"panic", Severity::critical},
      Spelling{"emer", Severity::critical},     Spelling{"emerg", Severity::critical},
      Spelling{"alert", Severity::critical},    Spelling{"wrn", Severity::warning},
  };
  if (text.empty()) return std::nullopt;
  const char first = static_cast<char>(text.front() | 0x20);
  for (const Spelling& spelling : kSpellings)
    if (spelling.text.size() == text.size() && spelling.text.front() == first && iequals(text, spelling.text))
      return spelling.severity;
  return std::nullopt;
}

std::string to_text(RecordId id) {
  return fmt::format("{}-{}", id.offset, id.index);
}

std::optional<RecordId> parse_record_id(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto offset = parse_uint(text.substr(0, dash)), index = parse_uint(text.substr(dash + 1));
  if (!offset || !index || *index > UINT32_MAX) return std::nullopt;
  return RecordId{*offset, static_cast<std::uint32_t>(*index)};
}

}  // namespace sentinella
