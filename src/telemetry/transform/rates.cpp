// unit_conversion, rate_of_change and delta: a sample for a sample.
#include <cmath>

#include "base/json.h"
#include "base/log.h"
#include "telemetry/transform/conversion.h"
#include "telemetry/transform/last_values.h"
#include "telemetry/transform/transformers.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kRatesLog = "telemetry.pipeline";

void tell_dropped(const MeterSample& sample, const Error& why) {
  log::debug(kRatesLog, "a sample of {} of {} is dropped: {}", sample.name, sample.resource_id, why.message);
}

class UnitConversion final : public Transformer {
 public:
  explicit UnitConversion(Conversion conversion) : conversion_(std::move(conversion)) {}

  void take(const MeterSample& sample, std::vector<MeterSample>& out) override {
    if (conversion_.other_unit(sample)) return out.push_back(sample);
    const auto volume = conversion_.scaled(sample);
    if (!volume) return tell_dropped(sample, volume.error());
    out.push_back(conversion_.renamed(sample));
    out.back().volume = conversion_.capped(*volume);
  }
  void flush(Time, std::vector<MeterSample>&) override {}
  void save(ByteWriter&) const override {}
  void restore(ByteReader&) override {}

 private:
  const Conversion conversion_;
};

class RateOfChange final : public Transformer {
 public:
  explicit RateOfChange(Conversion conversion) : conversion_(std::move(conversion)) {}

  void take(const MeterSample& sample, std::vector<MeterSample>& out) override {
    const auto step = last_.step(sample);
    if (!step) return;
    if (step->seconds < 0)
      return tell_dropped(sample, {Errc::kInvalid, "it is older than the one before", ""});
    const bool reset = sample.type == MeterType::cumulative && sample.volume < step->volume;
    const double change = reset ? sample.volume : sample.volume - step->volume;
    const double rate = step->seconds > 0 ? change / step->seconds : 0;
    const auto factor = conversion_.factor(sample);
    if (!factor) return tell_dropped(sample, factor.error());
    out.push_back(conversion_.renamed(sample));
    out.back().volume = conversion_.capped(*factor * rate);
  }
  void flush(Time, std::vector<MeterSample>&) override {}
  void save(ByteWriter& out) const override { last_.save(out); }
  void restore(ByteReader& in) override { last_.restore(in); }

 private:
  const Conversion conversion_;
  LastValues last_;
};

class Delta final : public Transformer {
 public:
  Delta(Conversion conversion, bool growth_only)
      : conversion_(std::move(conversion)), growth_only_(growth_only) {}

  void take(const MeterSample& sample, std::vector<MeterSample>& out) override {
    const auto step = last_.step(sample);
    if (!step) return;
    if (step->seconds < 0)
      return tell_dropped(sample, {Errc::kInvalid, "it is older than the one before", ""});
    const double change = sample.volume - step->volume;
    if (growth_only_ && change < 0) return;
    out.push_back(sample);
    out.back().name = conversion_.renamed(sample).name;
    out.back().type = MeterType::delta;
    out.back().volume = change;
  }
  void flush(Time, std::vector<MeterSample>&) override {}
  void save(ByteWriter& out) const override { last_.save(out); }
  void restore(ByteReader& in) override { last_.restore(in); }

 private:
  const Conversion conversion_;
  const bool growth_only_;
  LastValues last_;
};

}  // namespace

MadeTransformer make_unit_conversion(const boost::json::object& parameters) {
  SENT_TRY(only_fields(parameters, {"source", "target"}));
  SENT_TRY_ASSIGN(auto conversion, Conversion::make(parameters));
  return std::make_unique<UnitConversion>(std::move(conversion));
}

MadeTransformer make_rate_of_change(const boost::json::object& parameters) {
  SENT_TRY(only_fields(parameters, {"source", "target"}));
  SENT_TRY_ASSIGN(auto conversion, Conversion::make(parameters));
  return std::make_unique<RateOfChange>(std::move(conversion));
}

MadeTransformer make_delta(const boost::json::object& parameters) {
  SENT_TRY(only_fields(parameters, {"source", "target", "growth_only"}));
  SENT_TRY_ASSIGN(auto conversion, Conversion::make(parameters));
  SENT_TRY_ASSIGN(const auto growth_only, optional_bool(parameters, "growth_only"));
  return std::make_unique<Delta>(std::move(conversion), growth_only.value_or(false));
}

}  // namespace sentinella::telemetry
