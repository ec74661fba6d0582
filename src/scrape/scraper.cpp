#include "scrape/scraper.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "scrape/target_run.h"

namespace sentinella::scrape {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::string_view kLog = "scrape";
constexpr Duration kIdle = 60s;  ///< a thread without work ends after it
constexpr Duration kStopLimit = 300ms;
constexpr Duration kTolerance =
    2ms;  ///< a scrape so little late gets the planned time: even steps compress well

/// A target's place in the plan. Everything but `run` is guarded by the scraper's mutex; `run` belongs to the
/// thread that made `busy` true.
struct Slot {
  std::unique_ptr<TargetRun> run;
  WantedTarget wanted;
  bool changed = false;  ///< `wanted` is news to `run`
  bool busy = false;
  bool gone = false;
  Time planned;
  TargetStatus status;
  std::shared_ptr<const std::vector<MetricMetadata>> metadata;
};
using SlotPtr = std::shared_ptr<Slot>;

Time to_milliseconds(Time t) {
  return {t.ns / 1'000'000 * 1'000'000};
}

/// The time that samples of a scrape planned for `planned` and begun at `now` get.
Time sample_time(Time planned, Time now) {
  const bool near = now >= planned && now - planned <= kTolerance;
  return to_milliseconds(near ? planned : now);
}

SlotPtr make_slot(const WantedTarget& wanted, const Labels& external) {
  auto slot = std::make_shared<Slot>();
  slot->run = std::make_unique<TargetRun>(wanted, external);
  slot->status = slot->run->status();
  slot->wanted = wanted;
  return slot;
}

}  // namespace

struct Scraper::Impl : std::enable_shared_from_this<Scraper::Impl> {
  Impl(ScraperOptions given, Sink to, const Clock& with)
      : options(std::move(given)), clock(with), list(options.config_file), sink(std::move(to)) {}

  void keep_time();
  void apply_targets() SENT_EXCLUDES(mutex);
  void work() SENT_EXCLUDES(mutex);
  void end(Slot& slot) SENT_EXCLUDES(mutex);
  void deliver(std::vector<SeriesSamples> series) SENT_EXCLUDES(mutex);
  void make_ready() SENT_REQUIRES(mutex);
  SlotPtr next_ready() SENT_REQUIRES(mutex);
  void run(Slot& slot) SENT_REQUIRES(mutex);
  void plan(const SlotPtr& slot) SENT_REQUIRES(mutex);
  void change(const SlotPtr& slot, const WantedTarget& wanted) SENT_REQUIRES(mutex);

  const ScraperOptions options;
  const Clock& clock;
  TargetList list;  ///< the time-keeper's

  mutable Mutex mutex;
  CondVar time_changed, work_ready, thread_ended, delivered;
  bool stopping SENT_GUARDED_BY(mutex) = false;
  std::map<std::string, SlotPtr> slots SENT_GUARDED_BY(mutex);
  std::multimap<Steady::time_point, SlotPtr> due SENT_GUARDED_BY(mutex);
  std::deque<SlotPtr> ready SENT_GUARDED_BY(mutex);
  std::size_t threads SENT_GUARDED_BY(mutex) = 0, idle SENT_GUARDED_BY(mutex) = 0;
  std::size_t delivering SENT_GUARDED_BY(mutex) = 0;
  std::vector<std::string> problems SENT_GUARDED_BY(mutex);
  std::thread time_keeper;
  Sink sink;
};

/// When the slot's target is scraped next.
void Scraper::Impl::plan(const SlotPtr& slot) {
  const Time now = clock.now();
  const Duration interval = slot->wanted.target.interval;
  Time next = slot->planned + interval;
  // The first time, after a change of interval, and when the clock was set.
  if (slot->planned.ns == 0 || next > now + interval || next + interval * 100 < now)
    next = now + first_delay(slot->wanted.target, now, options.seed);
  while (next < now) next = next + interval;
  slot->planned = next;
  due.emplace(Steady::now() + (next - now), slot);
  time_changed.notify_all();
}

void Scraper::Impl::keep_time() {
  auto look = Steady::now();
  for (;;) {
    if (Steady::now() >= look) {
      if (list.refresh()) apply_targets();
      look = Steady::now() + options.look_every;
      const Lock lock(mutex);
      problems = list.problems();
    }
    const Lock lock(mutex);
    if (stopping) return;
    make_ready();
    const auto until = due.empty() ? look : std::min(look, due.begin()->first);
    if (Steady::now() < until) time_changed.wait_until(mutex, until);
  }
}

/// Hands what is due to the threads that scrape; there are more of them while all wait for exporters.
void Scraper::Impl::make_ready() {
  const auto now = Steady::now();
  while (!due.empty() && due.begin()->first <= now) {
    ready.push_back(std::move(due.begin()->second));
    due.erase(due.begin());
    work_ready.notify_one();
  }
  while (ready.size() > idle && threads < options.max_threads) {
    try {
      std::thread([self = shared_from_this()] { self->work(); }).detach();
    } catch (const std::system_error& error) {
      log::error(kLog, "cannot start a thread: {}", error.what());
      return;
    }
    ++threads;
    ++idle;
  }
}

void Scraper::Impl::work() {
  const Lock lock(mutex);
  while (const SlotPtr slot = next_ready()) {
    --idle;
    run(*slot);
    ++idle;
    if (!slot->gone && !stopping) plan(slot);
  }
  --idle;
  --threads;
  thread_ended.notify_all();
}

/// Waits for one; nullptr: there is nothing to do for this thread.
SlotPtr Scraper::Impl::next_ready() {
  const auto until = Steady::now() + kIdle;
  while (!stopping) {
    if (ready.empty()) {
      if (work_ready.wait_until(mutex, until) == std::cv_status::timeout && ready.empty()) return nullptr;
      continue;
    }
    SlotPtr slot = std::move(ready.front());
    ready.pop_front();
    if (!slot->gone) return slot;
  }
  return nullptr;
}

/// One scrape; the mutex is free meanwhile.
void Scraper::Impl::run(Slot& slot) {
  slot.busy = true;
  if (slot.changed) slot.run->configure(slot.wanted);
  slot.changed = false;
  const Time at = sample_time(slot.planned, clock.now());
  mutex.unlock();
  std::vector<SeriesSamples> out;
  slot.run->scrape(at, out);
  deliver(std::move(out));
  mutex.lock();
  slot.busy = false;
  slot.status = slot.run->status();
  slot.metadata = slot.run->metadata();
  if (!slot.gone || stopping) return;
  mutex.unlock();  // nobody else will come to a slot that is gone
  end(slot);
  mutex.lock();
}

void Scraper::Impl::end(Slot& slot) {
  std::vector<SeriesSamples> out;
  slot.run->end(to_milliseconds(clock.now()), out);
  deliver(std::move(out));
}

void Scraper::Impl::deliver(std::vector<SeriesSamples> series) {
  {
    const Lock lock(mutex);
    if (stopping) return;
    ++delivering;
  }
  for (std::size_t first = 0; first < series.size(); first += kMaxSeries) {
    const std::size_t last = std::min(series.size(), first + kMaxSeries);
    Batch batch;
    batch.series.assign(std::make_move_iterator(series.begin() + static_cast<std::ptrdiff_t>(first)),
                        std::make_move_iterator(series.begin() + static_cast<std::ptrdiff_t>(last)));
    sink(std::move(batch));
  }
  const Lock lock(mutex);
  --delivering;
  delivered.notify_all();
}

/// Brings the slots in line with the list.
void Scraper::Impl::apply_targets() {
  Labels external = options.external_labels;
  for (const Label& label : list.external_labels())
    if (external.get(label.name).empty()) external.set(label.name, label.value);
  std::vector<SlotPtr> ended;
  {
    const Lock lock(mutex);
    std::erase_if(slots, [&](const auto& entry) {
      const SlotPtr& slot = entry.second;
      slot->gone = !list.targets().contains(entry.first);
      if (slot->gone && !slot->busy) ended.push_back(slot);
      return slot->gone;
    });
    std::erase_if(due, [](const auto& entry) { return entry.second->gone; });
    for (const auto& [key, wanted] : list.targets()) {
      SlotPtr& slot = slots[key];
      if (slot)
        change(slot, wanted);
      else
        plan(slot = make_slot(wanted, external));
    }
    log::info(kLog, "{} targets", slots.size());
  }
  for (const SlotPtr& slot : ended) end(*slot);
}

void Scraper::Impl::change(const SlotPtr& slot, const WantedTarget& wanted) {
  const bool other_pace = slot->wanted.target.interval != wanted.target.interval;
  slot->wanted = wanted;
  slot->changed = true;
  if (!other_pace) return;
  slot->planned = {};
  if (std::erase_if(due, [&](const auto& entry) { return entry.second == slot; }) > 0) plan(slot);
}

Scraper::Scraper(ScraperOptions options, Sink sink, const Clock& clock)
    : impl_(std::make_shared<Impl>(std::move(options), std::move(sink), clock)) {
  impl_->time_keeper = std::thread([impl = impl_.get()] { impl->keep_time(); });
}

Scraper::~Scraper() {
  {
    const Lock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->time_changed.notify_all();
    impl_->work_ready.notify_all();
  }
  impl_->time_keeper.join();
  const Lock lock(impl_->mutex);
  while (impl_->delivering > 0) impl_->delivered.wait(impl_->mutex);
  const auto until = Steady::now() + kStopLimit;
  while (impl_->threads > 0)
    if (impl_->thread_ended.wait_until(impl_->mutex, until) == std::cv_status::timeout) return;
}

std::vector<TargetStatus> Scraper::targets() const {
  std::vector<TargetStatus> all;
  const Lock lock(impl_->mutex);
  for (const auto& [key, slot] : impl_->slots) all.push_back(slot->status);
  return all;
}

std::vector<MetricMetadata> Scraper::metadata() const {
  std::vector<std::shared_ptr<const std::vector<MetricMetadata>>> told;
  {
    const Lock lock(impl_->mutex);
    for (const auto& [key, slot] : impl_->slots)
      if (slot->metadata) told.push_back(slot->metadata);
  }
  std::set<MetricMetadata> all;
  for (const auto& of_target : told)
    for (const MetricMetadata& metric : *of_target)
      if (all.size() < kMaxMetadata) all.insert(metric);
  return {all.begin(), all.end()};
}

std::vector<std::string> Scraper::problems() const {
  const Lock lock(impl_->mutex);
  return impl_->problems;
}

}  // namespace sentinella::scrape
