#include <algorithm>
#include <iterator>

#include "base/json.h"
#include "telemetry/transform/held_samples.h"
#include "telemetry/transform/transformers.h"

namespace sentinella::telemetry {
namespace {

constexpr std::int64_t kMostHeld = 100'000;

class Accumulator final : public Transformer {
 public:
  explicit Accumulator(std::size_t size) : size_(size) {}

  void take(const MeterSample& sample, std::vector<MeterSample>&) override { held_.push_back(sample); }

  void flush(Time, std::vector<MeterSample>& out) override {
    if (held_.size() < size_) return;
    std::ranges::move(held_, std::back_inserter(out));
    held_.clear();
  }

  void save(ByteWriter& out) const override { save_samples(held_, out); }
  void restore(ByteReader& in) override { held_ = restore_samples(in); }

 private:
  const std::size_t size_;
  std::vector<MeterSample> held_;
};

}  // namespace

MadeTransformer make_accumulator(const boost::json::object& parameters) {
  SENT_TRY(only_fields(parameters, {"size"}));
  SENT_TRY_ASSIGN(const auto size, count_parameter(parameters, "size"));
  if (size.value_or(1) > kMostHeld) return fail_field(Errc::kTooLarge, "size", "is over {}", kMostHeld);
  return std::make_unique<Accumulator>(static_cast<std::size_t>(size.value_or(1)));
}

}  // namespace sentinella::telemetry
