#include "logs/block/text_plan.h"

#include <algorithm>

namespace sentinella::logs {
namespace {

/// All pieces between newlines, an empty one at the end included.
void split_lines(std::string_view text, std::vector<std::string_view>& out) {
  out.clear();
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  out.push_back(text);
}

std::size_t common_end(std::string_view a, std::string_view b) {
  std::size_t same = 0;
  while (same < a.size() && same < b.size() && a[a.size() - 1 - same] == b[b.size() - 1 - same]) ++same;
  return same;
}

/// As line.ends_with(part), known at once of a part that is a view of the line itself.
bool ends_with(std::string_view line, std::string_view part) {
  if (part.size() > line.size()) return false;
  return line.data() + (line.size() - part.size()) == part.data() || line.ends_with(part);
}

}  // namespace

bool TextPlanner::are_ends(const std::vector<std::string_view>& parts, std::size_t from) const {
  if (from + parts.size() > lines_.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!ends_with(lines_[from + i], parts[i])) return false;
  return true;
}

/// A message that leaves out something of its only line (uWSGI's): its two pieces.
bool TextPlanner::find_pieces(std::string_view message, TextPlan& plan) const {
  const std::string_view line = lines_[0];
  const std::size_t same = common_end(message, line);
  if (same == 0 || same == message.size()) return false;
  plan.first_part = message.size() - same;
  plan.second_at = line.size() - same;
  plan.message_at =
      line.substr(0, std::min(plan.second_at, kMaxHead)).find(message.substr(0, plan.first_part));
  return plan.message_at != line.npos;
}

TextPlan TextPlanner::plan(const RecordView& record) {
  split_lines(record.raw, lines_);
  TextPlan plan;
  plan.message_lines = lines_.size();
  if (!record.traceback.empty()) {
    split_lines(record.traceback, traceback_lines_);
    if (traceback_lines_.size() <= lines_.size() &&
        are_ends(traceback_lines_, lines_.size() - traceback_lines_.size())) {
      plan.traceback_in_text = true;
      plan.message_lines = lines_.size() - traceback_lines_.size();
    }
  }
  if (record.message.empty()) return plan;
  split_lines(record.message, message_lines_);
  if (message_lines_.size() <= plan.message_lines && !plan.traceback_in_text)
    plan.message_lines = message_lines_.size();
  if (message_lines_.size() != plan.message_lines) return plan;
  if (are_ends(message_lines_, 0)) {
    plan.message_in_text = true;
    plan.message_at = lines_[0].size() - message_lines_[0].size();
  } else if (message_lines_.size() == 1) {
    std::string_view line = lines_[0];
    const bool returned = line.ends_with('\r');
    if (returned) line.remove_suffix(1);
    plan.message_in_text = (returned && ends_with(line, record.message)) || find_pieces(record.message, plan);
    if (plan.message_in_text && plan.first_part == 0) {
      plan.message_end = line.size();
      plan.message_at = line.size() - record.message.size();
    }
  }
  return plan;
}

std::size_t TextPlanner::inner_offset(std::size_t i, const TextPlan& plan) const {
  if (i < plan.message_lines)
    return plan.message_in_text && i > 0 ? lines_[i].size() - message_lines_[i].size() : 0;
  return plan.traceback_in_text ? lines_[i].size() - traceback_lines_[i - plan.message_lines].size() : 0;
}

}  // namespace sentinella::logs
