// Bytes a sample and samples a second of the chunk codec, on two hours of a node's series at 10 s, by kind
// and for the whole node (the shares of kinds are those of a node's telemetry), and on samples of /proc if
// SENTINELLA_PROC_SAMPLES names a file of them: lines of a name and the values of successive seconds.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <sstream>

#include <benchmark/benchmark.h>

#include "series/embedded/chunk_codec.h"

namespace sentinella::series {
namespace {

constexpr std::size_t kSamples = 720;
using Random = std::mt19937_64;
using Values = std::vector<double>;

double normal(Random& random, double deviation) {
  return std::normal_distribution<double>(0, deviation)(random);
}
double uniform(Random& random, double from, double to) {
  return std::uniform_real_distribution<double>(from, to)(random);
}

template <typename Next>
Values repeat(Next next) {
  Values values(kSamples);
  for (double& value : values) value = next();
  return values;
}

Values percentage(Random& random) {
  double level = uniform(random, 5, 95);
  return repeat([&, deviation = uniform(random, 0.2, 2)] {
    level = std::clamp(level + normal(random, deviation), 0.0, 100.0);
    return std::round(level * 100) / 100;
  });
}
Values busy_counter(Random& random) {
  double total = std::floor(uniform(random, 0, 1e12)), rate = std::exp(uniform(random, 3, 14));
  return repeat([&, spread = uniform(random, 0.02, 0.3)] {
    rate *= std::exp(normal(random, 0.01));
    return total += std::max(0.0, std::floor(rate * (1 + normal(random, spread))));
  });
}
Values idle_counter(Random& random) {
  double total = std::floor(uniform(random, 0, 1e6));
  return repeat([&] { return total += random() % 25 == 0 ? 1 + static_cast<double>(random() % 3) : 0; });
}
Values uptime(Random& random) {
  double seconds = std::floor(uniform(random, 0, 1e7));
  return repeat([&] { return seconds += 10; });
}
Values byte_gauge(Random& random) {
  double pages = std::floor(uniform(random, 1e4, 4e6));
  return repeat([&, deviation = std::exp(uniform(random, 2, 7))] {
    if (random() % 3 != 0) pages = std::max(0.0, pages + std::round(normal(random, deviation)));
    return pages * 4096;
  });
}
Values constant(Random& random) {
  const double value = std::floor(uniform(random, 0, 1e9));
  return Values(kSamples, value);
}
Values few_valued(Random& random) {
  double value = 0;
  return repeat([&, count = 3 + random() % 6] {
    if (random() % 20 == 0) value = static_cast<double>(random() % count);
    return value;
  });
}
Values up_down(Random& random) {
  bool up = true;
  return repeat([&] {
    if (random() % (up ? 400 : 10) == 0) up = !up;
    return up ? 1.0 : 0.0;
  });
}
Values full_mantissa(Random& random) {
  double level = uniform(random, 5, 95);
  return repeat([&] { return level += normal(random, 0.5); });
}

struct Kind {
  const char* name;
  int share;  ///< of a hundred series
  Values (*make)(Random&);
};
constexpr Kind kKinds[] = {
    {"percentage", 17, percentage}, {"busy_counter", 23, busy_counter}, {"idle_counter", 5, idle_counter},
    {"uptime", 1, uptime},          {"byte_gauge", 13, byte_gauge},     {"constant", 10, constant},
    {"few_valued", 19, few_valued}, {"up_down", 12, up_down},           {"full_mantissa", 0, full_mantissa}};

std::vector<Time> instants(std::size_t count) {
  std::vector<Time> times(count);
  for (std::size_t i = 0; i < count; ++i)
    times[i].ns = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 10'000'000'000;
  return times;
}

std::vector<Values> series_of(const Kind& kind, int count) {
  std::vector<Values> series;
  for (int i = 0; i < count; ++i) {
    Random random(static_cast<std::uint64_t>(i) * 31 + static_cast<std::uint64_t>(kind.name[0]));
    series.push_back(kind.make(random));
  }
  return series;
}

std::vector<Values> node() {
  std::vector<Values> series;
  for (const Kind& kind : kKinds)
    std::ranges::move(series_of(kind, kind.share * 4), std::back_inserter(series));
  return series;
}

/// Twenty hosts that repeat what one did, each from another moment and a little louder or quieter: levels by
/// up to 0.2 %, what counters gain by up to 5 %.
std::vector<Values> replay() {
  const char* path = std::getenv("SENTINELLA_PROC_SAMPLES");
  std::vector<Values> result;
  std::ifstream file(path == nullptr ? "" : path);
  Random random(1);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    const Values seen(std::istream_iterator<double>(words), {});
    if (seen.size() < 2) continue;
    const bool whole = std::ranges::all_of(seen, [](double v) { return v == std::floor(v); });
    const double places = whole ? 1 : 100;
    const bool counts = std::ranges::is_sorted(seen) && seen.front() != seen.back();
    for (int host = 0; host < 20; ++host) {
      std::size_t at = random() % (seen.size() - 1);
      double total = seen[0];
      result.push_back(repeat([&] {
        at = at + 1 < seen.size() ? at + 1 : 1;
        const double gain = seen[at] - seen[at - 1];
        if (counts) return total = std::round((total + gain * uniform(random, 0.95, 1.05)) * places) / places;
        if (gain == 0) return total = at == 1 ? seen[at] : total;
        return total = std::round(seen[at] * uniform(random, 0.998, 1.002) * places) / places;
      }));
    }
  }
  return result;
}

struct Load {
  std::string name;
  std::function<std::vector<Values>()> make;
};

void encode(benchmark::State& state, const Load& load) {
  const auto times = instants(kSamples);
  const auto series = load.make();
  std::size_t bytes = 0;
  for (const Values& values : series) bytes += encode_chunk(times, values).size();
  for (auto _ : state)
    for (const Values& values : series) benchmark::DoNotOptimize(encode_chunk(times, values).data());
  const auto samples = static_cast<double>(series.size() * kSamples);
  state.counters["B/sample"] = static_cast<double>(bytes) / samples;
  state.SetItemsProcessed(static_cast<std::int64_t>(samples) * static_cast<std::int64_t>(state.iterations()));
}

void decode(benchmark::State& state, const Load& load) {
  const auto times = instants(kSamples);
  std::vector<std::string> chunks;
  for (const Values& values : load.make()) chunks.push_back(encode_chunk(times, values));
  std::vector<Time> got_times;
  std::vector<double> got_values;
  for (auto _ : state)
    for (const std::string& chunk : chunks) {
      got_times.clear();
      got_values.clear();
      if (!decode_chunk(chunk, got_times, got_values)) std::abort();
      benchmark::DoNotOptimize(got_values.data());
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(chunks.size() * kSamples) *
                          static_cast<std::int64_t>(state.iterations()));
}

void peek(benchmark::State& state) {
  const auto times = instants(kSamples);
  std::vector<std::string> chunks;
  for (const Values& values : node()) chunks.push_back(encode_chunk(times, values));
  for (auto _ : state)
    for (const std::string& chunk : chunks) benchmark::DoNotOptimize(peek_chunk(chunk)->values.max);
  state.SetItemsProcessed(static_cast<std::int64_t>(chunks.size()) *
                          static_cast<std::int64_t>(state.iterations()));
}

int add_all() {
  std::vector<Load> loads = {{"node", node}};
  for (const Kind& kind : kKinds) loads.push_back({kind.name, [&kind] { return series_of(kind, 50); }});
  if (std::getenv("SENTINELLA_PROC_SAMPLES") != nullptr) loads.push_back({"proc_replay", replay});
  for (const Load& load : loads) {
    benchmark::RegisterBenchmark(("encode/" + load.name).c_str(), encode, load);
    benchmark::RegisterBenchmark(("decode/" + load.name).c_str(), decode, load);
  }
  benchmark::RegisterBenchmark("peek/node (chunks)", peek);
  return 0;
}

}  // namespace
}  // namespace sentinella::series

int main(int argc, char** argv) {
  sentinella::series::add_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
