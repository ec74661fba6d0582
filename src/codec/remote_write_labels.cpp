#include "codec/remote_write_labels.h"

#include <algorithm>

#include "base/text.h"
#include "codec/metric_name.h"
#include "codec/wire_reader.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kUsualLabels = 12;

}  // namespace

Result<RemoteLabels> RemoteLabels::read(std::string_view raw) {
  std::vector<Label> labels;
  labels.reserve(kUsualLabels);
  std::size_t bytes = 0;
  bool nameless = false, text = true;
  for (WireReader reader(raw); reader.more();) {
    reader.tag();
    const WireLabel read = read_wire_label(reader.bytes());
    const Label& label = labels.emplace_back(std::string(read.name), std::string(read.value));
    bytes += label.name.size() + label.value.size();
    nameless = nameless || label.name.empty();
    text = text && is_valid_utf8(label.name) && is_valid_utf8(label.value);
  }
  const std::size_t count = labels.size();
  if (!std::ranges::is_sorted(labels, {}, &Label::name)) std::ranges::sort(labels, {}, &Label::name);
  const bool twice = std::ranges::adjacent_find(labels, {}, &Label::name) != labels.end();
  std::erase_if(labels, [](const Label& label) { return label.value.empty(); });
  RemoteLabels out;
  out.labels_ = Labels::from_sorted(std::move(labels));
  const auto series = [&] { return to_valid_utf8(out.to_string()).substr(0, 200); };
  if (count > kMaxSeriesLabels)
    return fail(Errc::kInvalid, "{} has {} labels, at most {}", series(), count, kMaxSeriesLabels);
  if (bytes > kMaxSeriesLabelBytes)
    return fail(Errc::kInvalid, "{} has {} bytes of labels, at most {}", series(), bytes,
                kMaxSeriesLabelBytes);
  if (nameless) return fail(Errc::kInvalid, "{} has a label without a name", series());
  if (twice) return fail(Errc::kInvalid, "{} has a label twice", series());
  if (!text) return fail(Errc::kInvalid, "{} is not UTF-8", series());
  const auto name = out.labels_.get(kMetricName);
  if (name.empty()) return fail(Errc::kInvalid, "{} has no metric name", series());
  if (name.size() > kMaxSeriesNameBytes)
    return fail(Errc::kInvalid, "{} has a name over {} bytes", series(), kMaxSeriesNameBytes);
  return out;
}

SeriesKind RemoteLabels::kind() const {
  return kind_by_name(labels_.get(kMetricName));
}

RemoteLabels RemoteLabels::with(std::string_view name_suffix, std::string_view le) const {
  RemoteLabels out = *this;
  out.labels_.set(kMetricName, std::string(labels_.get(kMetricName)).append(name_suffix));
  out.labels_.set("le", le);
  return out;
}

}  // namespace sentinella::codec
