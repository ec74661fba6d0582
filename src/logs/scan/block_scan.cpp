#include "logs/scan/block_scan.h"

#include <algorithm>

#include "base/text.h"
#include "logs/scan/field_plan.h"

namespace sentinella::logs {
namespace {

/// Cheap questions first: each leaves fewer records for the next.
int cost(const Expression& expression, const Expression::Node& node) {
  if (node.kind != Expression::Node::Kind::condition) return 4;
  const Condition& asked = expression.conditions[node.condition];
  if (asked.kind == Condition::Kind::pattern) return 6;
  if (asked.kind == Condition::Kind::text) return 3;
  switch (asked.field) {
    case QueryField::severity:
      return 0;
    case QueryField::host:
    case QueryField::service:
    case QueryField::source:
      return 1;
    case QueryField::message:
      return 5;
    default:
      return 2;
  }
}

std::optional<Field> field_of(QueryField field) {
  switch (field) {
    case QueryField::component:
      return Field::component;
    case QueryField::pid:
      return Field::pid;
    case QueryField::request_id:
      return Field::request_id;
    case QueryField::user:
      return Field::user_id;
    case QueryField::project:
      return Field::project_id;
    case QueryField::instance:
      return Field::instance;
    case QueryField::message:
      return Field::message;
    case QueryField::domain:
      return Field::domain_id;
    case QueryField::client:
      return Field::http_client;
    case QueryField::method:
      return Field::http_method;
    case QueryField::path:
      return Field::http_path;
    case QueryField::status:
      return Field::http_status;
    default:
      return std::nullopt;
  }
}

/// Whether what stands between two slots of a shape matches.
bool constant_text_matches(std::string_view shape, const Pattern& pattern) {
  std::string piece;
  bool found = false;
  const auto end_piece = [&] {
    found = found || (!piece.empty() && pattern.found_in(piece));
    piece.clear();
  };
  walk_shape(
      shape, [&](std::string_view text) { piece += text; },
      [&](Mark mark, std::uint8_t) {
        const bool again = mark == Mark::kHead || mark == Mark::kLogger || mark == Mark::kPreface;
        if (is_slot(mark) || again) end_piece();
      });
  end_piece();
  return found;
}

/// Records of one time often stand together: most of the others are passed over by the span they are in.
Selection rows_within(const RowTable& rows, TimeRange range) {
  Selection found(rows.time_ns.size());
  for (std::size_t s = 0; s < rows.spans.size(); ++s) {
    if (Time{rows.spans[s].last_ns} < range.from || Time{rows.spans[s].first_ns} >= range.until) continue;
    const std::size_t begin = s * RowTable::kSpanRows;
    const std::size_t end = std::min(begin + RowTable::kSpanRows, rows.time_ns.size());
    for (std::size_t row = begin; row < end; ++row)
      if (range.contains(Time{rows.time_ns[row]})) found.add(row);
  }
  return found;
}

}  // namespace

Result<Selection> BlockScan::run(TimeRange range) {
  SENT_TRY_ASSIGN(shapes_, block_.shapes());
  SENT_TRY_ASSIGN(rows_, block_.rows());
  const BlockHeader& header = block_.header();
  Selection all(header.records, true);
  if (header.first_time < range.from || header.last_time >= range.until) all = rows_within(*rows_, range);
  if (expression_.nodes.empty()) return all;
  return node(static_cast<std::uint32_t>(expression_.nodes.size() - 1), all);
}

Result<RecordAssembler*> BlockScan::assembler() {
  if (!assembler_) {
    SENT_TRY_ASSIGN(assembler_, RecordAssembler::open(block_));
  }
  return &*assembler_;
}

Result<Selection> BlockScan::node(std::uint32_t index, const Selection& among) {
  if (among.empty()) return among;
  const Expression::Node& asked = expression_.nodes[index];
  std::vector<std::uint32_t> children = asked.children;
  std::ranges::stable_sort(children, {},
                           [&](std::uint32_t c) { return cost(expression_, expression_.nodes[c]); });
  switch (asked.kind) {
    case Expression::Node::Kind::condition:
      return condition(expression_.conditions[asked.condition], among);
    case Expression::Node::Kind::all: {
      Selection left = among;
      for (const std::uint32_t child : children) {
        SENT_TRY_ASSIGN(left, node(child, left));
      }
      return left;
    }
    case Expression::Node::Kind::any: {
      Selection found(among.size());
      Selection left = among;
      for (const std::uint32_t child : children) {
        SENT_TRY_ASSIGN(const Selection more, node(child, left));
        found.add(more);
        left.remove(more);
      }
      return found;
    }
    case Expression::Node::Kind::none: {
      Selection left = among;
      for (const std::uint32_t child : children) {
        SENT_TRY_ASSIGN(const Selection unwanted, node(child, left));
        left.remove(unwanted);
      }
      return left;
    }
  }
  return among;
}

Result<Selection> BlockScan::condition(const Condition& asked, const Selection& among) {
  if (asked.kind == Condition::Kind::text)
    return scan_text(block_, asked.value, among, [this] { return assembler(); });
  if (asked.kind == Condition::Kind::pattern) return by_pattern(asked, among);
  switch (asked.field) {
    case QueryField::host:
    case QueryField::service:
    case QueryField::source:
      return by_stream(asked, among);
    case QueryField::severity:
      return by_shape(among, [&](std::size_t shape) {
        const std::uint64_t severity = shapes_->shapes[shape].traits.severity;
        return severity >= asked.low && severity <= asked.high;
      });
    case QueryField::template_id:
      return by_template(asked, among);
    case QueryField::request_id: {
      SENT_TRY_ASSIGN(Selection found, by_field(asked, Field::request_id, among));
      Selection left = among;
      left.remove(found);
      SENT_TRY_ASSIGN(const Selection global, by_field(asked, Field::global_request_id, left));
      found.add(global);
      return found;
    }
    default:
      return by_field(asked, *field_of(asked.field), among);
  }
}

Result<Selection> BlockScan::by_stream(const Condition& asked, const Selection& among) {
  std::vector<bool> wanted;
  for (const Stream& stream : rows_->streams)
    wanted.push_back(field_matches(asked, asked.field == QueryField::host      ? stream.host
                                          : asked.field == QueryField::service ? stream.service
                                                                               : stream.source));
  return among.where([&](std::size_t row) { return wanted[rows_->stream[row]]; });
}

Result<Selection> BlockScan::by_shape(const Selection& among,
                                      const std::function<bool(std::size_t shape)>& wanted) {
  std::vector<bool> verdicts(shapes_->shapes.size());
  for (std::size_t i = 0; i < verdicts.size(); ++i)
    verdicts[i] = !shapes_->shapes[i].traits.continuation && wanted(i);
  return among.where([&](std::size_t row) { return verdicts[rows_->shape[row]]; });
}

Result<Selection> BlockScan::by_template(const Condition& asked, const Selection& among) {
  SENT_TRY_ASSIGN(const RecordAssembler* records, assembler());
  return by_shape(
      among, [&](std::size_t shape) { return field_matches(asked, to_text(records->template_of(shape))); });
}

/// Of `among` those records that contain what the pattern cannot match without.
Result<Selection> BlockScan::by_atoms(const Pattern& pattern, const Selection& among) {
  const auto& atoms = pattern.atoms();
  if (atoms.empty()) return among;
  std::vector<Selection> with;
  Selection any(among.size());
  for (const std::string& atom : atoms) {
    SENT_TRY_ASSIGN(with.emplace_back(), scan_text(block_, atom, among, [this] { return assembler(); }));
    any.add(with.back());
  }
  // Mostly a pattern has one atom, and nothing matches without.
  const bool without = pattern.may_match(0);
  if (atoms.size() == 1 && !without) return any;
  enum Verdict : std::uint8_t { unknown, no, yes };
  std::vector<Verdict> verdicts(std::size_t{1} << atoms.size(), unknown);
  return (without ? among : any).where([&](std::size_t row) {
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < with.size(); ++i) found |= with[i].has(row) ? 1u << i : 0u;
    if (verdicts[found] == unknown) verdicts[found] = pattern.may_match(found) ? yes : no;
    return verdicts[found] == yes;
  });
}

/// Of `among` those that have a line whose constant text alone matches.
Result<Selection> BlockScan::by_constant_text(const Pattern& pattern, const Selection& among) {
  Selection found(among.size());
  if (!pattern.is_local()) return found;
  SENT_TRY_ASSIGN(const LowerTexts* lower, block_.lower_shapes());
  std::vector<bool> tried(shapes_->shapes.size());
  std::vector<std::size_t> matching;
  for (const std::string& atom : pattern.atoms())
    lower->find_all(atom, [&](std::size_t shape, std::size_t) {
      if (tried[shape]) return;
      tried[shape] = true;
      if (constant_text_matches(shapes_->texts[shape], pattern)) matching.push_back(shape);
    });
  if (matching.empty()) return found;
  SENT_TRY_ASSIGN(const LineTable* lines, block_.lines());
  for (const std::size_t shape : matching)
    for (const std::uint32_t row :
         shapes_->shapes[shape].traits.continuation ? lines->by_shape[shape] : rows_->by_shape[shape])
      found.add(row);
  found.keep(among);
  return found;
}

Result<Selection> BlockScan::by_pattern(const Condition& asked, const Selection& among) {
  SENT_TRY_ASSIGN(Selection left, by_atoms(*asked.pattern, among));
  if (left.empty()) return left;
  SENT_TRY_ASSIGN(Selection found, by_constant_text(*asked.pattern, left));
  left.remove(found);
  if (left.empty()) return found;
  SENT_TRY_ASSIGN(const RecordAssembler* records, assembler());
  std::string raw;
  found.add(left.where([&](std::size_t row) {
    records->raw(row, raw);
    return asked.pattern->found_in(raw);
  }));
  return found;
}

Result<Selection> BlockScan::by_field(const Condition& asked, Field field, const Selection& among) {
  // Shapes that answer for all their records are settled at once; the others' records are looked at.
  enum Verdict : std::uint8_t { no, yes, look };
  const std::vector<FieldPlan> plans = plan_field(*shapes_, field);
  std::vector<Verdict> verdicts(plans.size(), no);
  bool any_look = false, any_id = false;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (shapes_->shapes[i].traits.continuation || rows_->shape_rows[i] == 0) continue;
    const FieldPlan& plan = plans[i];
    const bool settled = plan.kind == FieldPlan::Kind::constant;
    verdicts[i] = settled ? (field_matches(asked, plan.text) ? yes : no) : look;
    any_look = any_look || !settled;
    any_id = any_id || plan.kind == FieldPlan::Kind::id;
  }
  if (!any_look) return among.where([&](std::size_t row) { return verdicts[rows_->shape[row]] == yes; });

  IdWanted id;
  if (any_id && asked.kind == Condition::Kind::equal) {
    SENT_TRY_ASSIGN(const auto* ids, block_.ids());
    id = find_id(*ids, asked.value);
    for (std::size_t i = 0; i < plans.size(); ++i)
      if (verdicts[i] == look && plans[i].kind == FieldPlan::Kind::id && !id.fits(plans[i], *shapes_))
        verdicts[i] = no;
    // Most often this is the end: the id is not in this block.
    if (std::ranges::none_of(verdicts, [](Verdict v) { return v != no; })) return Selection(among.size());
  }
  SENT_TRY_ASSIGN(const SlotTable* numbers, block_.slots(Section::numbers));
  SENT_TRY_ASSIGN(const SlotTable* links, block_.slots(Section::links));
  SENT_TRY_ASSIGN(const RecordAssembler* records, assembler());
  AssembledRecord record;
  return among.where([&](std::size_t row) {
    const std::size_t shape = rows_->shape[row];
    if (verdicts[shape] != look) return verdicts[shape] == yes;
    const FieldPlan& plan = plans[shape];
    if (plan.kind == FieldPlan::Kind::id && asked.kind == Condition::Kind::equal)
      return links->columns[shapes_->slots[plan.slot].column][rows_->ordinal[row]] == id.index;
    if (plan.kind == FieldPlan::Kind::number) {
      const std::uint64_t number = numbers->columns[shapes_->slots[plan.slot].column][rows_->ordinal[row]];
      if (asked.kind == Condition::Kind::between) return number >= asked.low && number <= asked.high;
      return field_matches(asked, std::to_string(number));
    }
    records->fields(row, record);
    return field_matches(asked, record.fields[static_cast<std::size_t>(field)]);
  });
}

}  // namespace sentinella::logs
