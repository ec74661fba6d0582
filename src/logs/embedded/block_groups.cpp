#include "logs/embedded/block_groups.h"

#include <algorithm>
#include <map>

#include "logs/scan/field_plan.h"

namespace sentinella::logs {
namespace {

struct Tally {
  std::uint64_t count = 0;
  Time first{INT64_MAX}, last{INT64_MIN};
  RecordId example;
};

/// Counts by a number that stands for a value; remembers the last, because neighbours are often alike.
class Tallies {
 public:
  explicit Tallies(const GroupCounter& counter) : counter_(counter) {}
  void add(std::size_t number, Time time, RecordId id) {
    const Time bucket = counter_.bucket_of(time);
    if (last_ == nullptr || number != number_ || bucket != bucket_) {
      last_ = &tallies_[{number, bucket.ns}];
      number_ = number;
      bucket_ = bucket;
    }
    Tally& tally = *last_;
    ++tally.count;
    if (time < tally.first) {
      tally.first = time;
      tally.example = id;
    }
    tally.last = std::max(tally.last, time);
  }
  const std::map<std::pair<std::size_t, std::int64_t>, Tally>& all() const { return tallies_; }

 private:
  const GroupCounter& counter_;
  std::map<std::pair<std::size_t, std::int64_t>, Tally> tallies_;
  Tally* last_ = nullptr;
  std::size_t number_ = 0;
  Time bucket_;
};

/// What a shape's records have in common as the value of `field`; nullopt: not one value.
Result<std::optional<std::string>> shape_value(const ShapeTable& shapes,
                                               const std::vector<FieldPlan>& components, BlockScan& scan,
                                               QueryField field, std::size_t shape) {
  const ShapeTraits& traits = shapes.shapes[shape].traits;
  if (field == QueryField::severity)
    return std::string(sentinella::to_string(static_cast<Severity>(traits.severity)));
  if (field == QueryField::template_id) {
    SENT_TRY_ASSIGN(const RecordAssembler* records, scan.assembler());
    return to_text(records->template_of(shape));
  }
  if (field == QueryField::component && components[shape].kind == FieldPlan::Kind::constant)
    return components[shape].text;
  return std::nullopt;
}

bool is_stream_field(QueryField field) {
  return field == QueryField::host || field == QueryField::service || field == QueryField::source;
}

std::string stream_value(const Stream& stream, QueryField field) {
  return field == QueryField::host      ? stream.host
         : field == QueryField::service ? stream.service
                                        : stream.source;
}

}  // namespace

Result<void> count_groups(const LogBlock& block, BlockScan& scan, const Selection& chosen,
                          const Aggregation& aggregation, GroupCounter& counter) {
  SENT_TRY_ASSIGN(const RowTable* rows, block.rows());
  SENT_TRY_ASSIGN(const ShapeTable* shapes, block.shapes());
  const bool by_stream = aggregation.by && is_stream_field(*aggregation.by);
  Tallies tallies(counter);
  chosen.each([&](std::size_t row) {
    const std::size_t number = !aggregation.by ? 0 : by_stream ? rows->stream[row] : rows->shape[row];
    tallies.add(number, Time{rows->time_ns[row]}, rows->ids[row]);
  });
  std::vector<FieldPlan> components;
  if (aggregation.by == QueryField::component) components = plan_field(*shapes, Field::component);
  std::vector<bool> apart(shapes->shapes.size());  // shapes whose records must be asked one by one
  bool any_apart = false;
  for (const auto& [key, tally] : tallies.all()) {
    std::optional<std::string> value = std::string();
    if (by_stream) {
      value = stream_value(rows->streams[key.first], *aggregation.by);
    } else if (aggregation.by) {
      SENT_TRY_ASSIGN(value, shape_value(*shapes, components, scan, *aggregation.by, key.first));
    }
    if (!value) {
      apart[key.first] = any_apart = true;
    } else if (!counter.add(*value, tally.first, tally.last, tally.count, tally.example)) {
      return {};
    }
  }
  if (!any_apart) return {};
  SENT_TRY_ASSIGN(const RecordAssembler* records, scan.assembler());
  AssembledRecord record;
  bool fits = true;
  chosen.each([&](std::size_t row) {
    if (!fits || !apart[rows->shape[row]]) return;
    records->record(row, record);
    fits = counter.add(record.view);
  });
  return {};
}

}  // namespace sentinella::logs
