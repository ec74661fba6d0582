#include "base/ini.h"

#include "base/text.h"

namespace sentinella {

Result<std::vector<IniOption>> parse_ini(std::string_view text) {
  std::vector<IniOption> options;
  std::string section = "DEFAULT";
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    const std::string_view content = trim(line);
    if (content.empty() || content[0] == '#' || content[0] == ';') continue;
    if ((line[0] == ' ' || line[0] == '\t') && !options.empty()) {
      options.back().value.append(1, '\n').append(content);
      continue;
    }
    if (content[0] == '[') {
      if (content.back() != ']' || content.size() < 3)
        return fail(Errc::kInvalid, "line {}: a section is [name]", number);
      section = trim(content.substr(1, content.size() - 2));
      continue;
    }
    const auto equals = content.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return fail(Errc::kInvalid, "line {}: expected key = value, found \"{}\"", number,
                  content.substr(0, 80));
    options.push_back({section, std::string(trim(content.substr(0, equals))),
                       std::string(trim(content.substr(equals + 1))), number});
  }
  return options;
}

}  // namespace sentinella
