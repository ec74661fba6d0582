#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/log.h"
#include "telemetry/transform/conversion.h"
#include "telemetry/transform/held_samples.h"
#include "telemetry/transform/transformers.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kArithmeticLog = "telemetry.pipeline";
constexpr std::size_t kMostResources = 400'000;

class Arithmetic final : public Transformer {
 public:
  Arithmetic(Expression expression, Conversion target)
      : expression_(std::move(expression)), target_(std::move(target)) {
    if (expression_.meters().empty())
      log::warning(kArithmeticLog, "an arithmetic transformer names no $(meter)");
  }

  void take(const MeterSample& sample, std::vector<MeterSample>&) override {
    const auto& meters = expression_.meters();
    if (std::ranges::find(meters, sample.name) == meters.end()) return;
    if (resources_.size() >= kMostResources && !resources_.contains(sample.resource_id)) resources_.clear();
    Resource& resource = resources_[sample.resource_id];
    resource.latest = std::max(resource.latest, sample.timestamp);
    resource.meters.insert_or_assign(sample.name, sample);
    if (resource.meters.size() == meters.size()) complete_.insert(sample.resource_id);
  }

  void flush(Time, std::vector<MeterSample>& out) override {
    for (const std::string& id : complete_) {
      const auto at = resources_.find(id);
      if (at == resources_.end()) continue;
      emit(at->second, out);
      resources_.erase(at);
    }
    complete_.clear();
  }

  void save(ByteWriter& out) const override {
    out.varint(resources_.size());
    for (const auto& [id, resource] : resources_) {
      out.fixed(resource.latest.ns);
      out.varint(resource.meters.size());
      for (const auto& [name, sample] : resource.meters) save_sample(sample, out);
    }
  }

  void restore(ByteReader& in) override {
    resources_.clear();
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      Resource resource;
      resource.latest.ns = in.fixed<std::int64_t>();
      std::string id;
      for (std::uint64_t meters = in.varint(); meters > 0 && in.ok(); --meters) {
        MeterSample sample = restore_sample(in);
        id = sample.resource_id;
        resource.meters.insert_or_assign(sample.name, std::move(sample));
      }
      if (in.ok()) resources_.insert_or_assign(id, std::move(resource));
    }
    if (!in.ok()) resources_.clear();
  }

 private:
  struct Resource {
    std::map<std::string, MeterSample, std::less<>> meters;  ///< the newest of each that the expression names
    Time latest{INT64_MIN};
  };

  void emit(const Resource& resource, std::vector<MeterSample>& out) const {
    const auto value = expression_.number([&](const ExpressionName& name) -> ExpressionValue {
      const auto meter = resource.meters.find(name.meter);
      if (meter == resource.meters.end()) return {};
      return name.path.empty() ? ExpressionValue(meter->second.volume)
                               : sample_field(meter->second, name.path);
    });
    const MeterSample& reference = resource.meters.at(expression_.meters().front());
    if (!value) {
      log::warning(kArithmeticLog, "no {} of {}: {}", target_.target_name().value_or(reference.name),
                   reference.resource_id, value.error().message);
      return;
    }
    out.push_back(target_.renamed(reference));
    out.back().volume = *value;
    out.back().timestamp = resource.latest;
    out.back().id.clear();
  }

  const Expression expression_;
  const Conversion target_;
  std::map<std::string, Resource, std::less<>> resources_;
  std::set<std::string> complete_;
};

}  // namespace

MadeTransformer make_arithmetic(const boost::json::object& parameters) {
  SENT_TRY(only_fields(parameters, {"target"}));
  SENT_TRY_ASSIGN(auto conversion, Conversion::make(parameters));
  const auto* target = parameters.if_contains("target");
  const auto* expr =
      target == nullptr || !target->is_object() ? nullptr : target->get_object().if_contains("expr");
  if (expr == nullptr || !expr->is_string()) return fail_field(Errc::kInvalid, "target.expr", "is missing");
  const std::string_view text(expr->get_string());
  auto expression = Expression::parse(text.empty() ? std::string_view("None") : text);
  if (!expression) return fail_field(Errc::kInvalid, "target.expr", "{}", expression.error().message);
  return std::make_unique<Arithmetic>(*std::move(expression), std::move(conversion));
}

}  // namespace sentinella::telemetry
