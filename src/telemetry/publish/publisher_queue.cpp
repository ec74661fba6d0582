#include "telemetry/publish/publisher_queue.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "telemetry/publish/publisher_url.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kPublisherLog = "telemetry.publisher";
constexpr std::uint64_t kForEver = UINT64_MAX - 1;
constexpr std::array<std::string_view, 4> kPolicies{"queue", "drop_newest", "drop", "default"};

std::size_t size_of(const Outgoing& outgoing) {
  return outgoing.samples.size() + outgoing.events.size();
}

/// Takes `count` away at the beginning, samples first.
void cut_front(Outgoing& outgoing, std::size_t count) {
  const auto samples = static_cast<std::ptrdiff_t>(std::min(count, outgoing.samples.size()));
  const auto events = static_cast<std::ptrdiff_t>(count) - samples;
  outgoing.samples.erase(outgoing.samples.begin(), outgoing.samples.begin() + samples);
  outgoing.events.erase(outgoing.events.begin(), outgoing.events.begin() + events);
}

/// The same at the end, events first.
void cut_back(Outgoing& outgoing, std::size_t count) {
  const std::size_t events = std::min(count, outgoing.events.size());
  outgoing.events.erase(outgoing.events.end() - static_cast<std::ptrdiff_t>(events), outgoing.events.end());
  const auto samples = static_cast<std::ptrdiff_t>(count - events);
  outgoing.samples.erase(outgoing.samples.end() - samples, outgoing.samples.end());
}

/// Each sample and each event for itself.
std::vector<Outgoing> pieces_of(Outgoing outgoing) {
  std::vector<Outgoing> pieces;
  pieces.reserve(size_of(outgoing));
  for (MeterSample& sample : outgoing.samples)
    pieces.emplace_back(outgoing.publisher).samples.push_back(std::move(sample));
  for (Event& event : outgoing.events)
    pieces.emplace_back(outgoing.publisher).events.push_back(std::move(event));
  return pieces;
}

/// Samples and events apart: many publishers make a request of each kind.
std::vector<Outgoing> kinds_of(Outgoing outgoing) {
  std::vector<Outgoing> kinds;
  if (!outgoing.samples.empty()) kinds.emplace_back(outgoing.publisher).samples = std::move(outgoing.samples);
  if (!outgoing.events.empty()) kinds.emplace_back(outgoing.publisher).events = std::move(outgoing.events);
  return kinds;
}

Result<PublisherQueueOptions> queue_options(PublisherUrl& url) {
  PublisherQueueOptions options;
  const std::string policy = url.take_option("policy", std::string(to_string(options.policy)));
  const auto known = std::ranges::find(kPolicies, policy);
  if (known == kPolicies.end())
    return fail_field(Errc::kInvalid, "policy", "is \"{}\"; must be {}", policy, fmt::join(kPolicies, ", "));
  options.policy = static_cast<QueuePolicy>(known - kPolicies.begin());
  if (options.policy == QueuePolicy::wait) options.max_retries = kForEver;
  for (const char* name : {"max_retry", "max_retries"}) {
    SENT_TRY_ASSIGN(options.max_retries, url.take_number(name, options.max_retries, 1'000'000));
  }
  SENT_TRY_ASSIGN(options.max_queued, url.take_number("max_queue_length", options.max_queued, 10'000'000));
  return options;
}

}  // namespace

std::string_view to_string(QueuePolicy policy) {
  return kPolicies[static_cast<std::size_t>(policy)];
}

PublisherQueue::PublisherQueue(std::string name, std::unique_ptr<Publisher> publisher,
                               PublisherQueueOptions options)
    : name_(std::move(name)), publisher_(std::move(publisher)), options_(options) {
  status_.name = name_;
  status_.policy = options_.policy;
  status_.max_queued = options_.max_queued;
  thread_ = std::thread([this] { work(); });
}

void PublisherQueue::stop() {
  {
    Lock lock(mutex_);
    if (!stopping_) stopped_ = std::chrono::steady_clock::now();
    stopping_ = true;
  }
  changed_.notify_all();
}

PublisherQueue::~PublisherQueue() {
  stop();
  give_up_in_time();
  thread_.join();
  Lock lock(mutex_);
  if (waiting_ + in_flight_ > 0)
    log::warning(kPublisherLog, "{}: {} samples and events were not sent before the end{}", name_,
                 waiting_ + in_flight_,
                 options_.policy == QueuePolicy::wait ? "; those of notifications come again from the broker"
                                                      : " and are lost");
}

/// A request that hangs would hold up who stops. An attempt of many that come on is none.
void PublisherQueue::give_up_in_time() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    const auto came_on = std::max({stopped_, attempt_began_, publisher_->came_on()});
    const auto until = std::min(stopped_ + options_.farewell, came_on + options_.last_word);
    if (std::chrono::steady_clock::now() >= until) {
      given_up_ = true;
      return publisher_->cancel();
    }
    changed_.wait_until(lock, until, [this] { return ended_; });
  }
}

/// How much of it this publisher has a form for.
std::size_t PublisherQueue::taken_of(const Outgoing& outgoing) const {
  return (publisher_->takes_samples() ? outgoing.samples.size() : 0) +
         (publisher_->takes_events() ? outgoing.events.size() : 0);
}

/// Takes away the rest.
void PublisherQueue::cut_to_kind(Outgoing& outgoing) {
  const auto cut = [&](auto& items, bool taken, std::string_view kind) {
    if (taken || items.empty()) return;
    const std::string why = fmt::format("{} takes no {}", name_, kind);
    if (std::exchange(kind_error_, why) != why) log::warning(kPublisherLog, "{}: they are dropped", why);
    status_.dropped += items.size();
    items.clear();
  };
  cut(outgoing.samples, publisher_->takes_samples(), "samples");
  cut(outgoing.events, publisher_->takes_events(), "events");
}

/// Makes room for `outgoing`, or takes away of it what has none; how much went.
std::size_t PublisherQueue::cut_to_fit(Outgoing& outgoing) {
  const std::size_t size = size_of(outgoing), total = waiting_ + size;
  if (total <= options_.max_queued) return 0;
  const std::size_t excess = total - options_.max_queued;
  if (options_.policy != QueuePolicy::queue) {
    const std::size_t cut = std::min(excess, size);
    cut_back(outgoing, cut);
    return cut;
  }
  std::size_t left = excess;
  while (left > 0 && !queue_.empty()) {
    const std::size_t cut = std::min(left, size_of(queue_.front()));
    cut_front(queue_.front(), cut);
    if (size_of(queue_.front()) == 0) queue_.pop_front();
    waiting_ -= cut;
    left -= cut;
  }
  cut_front(outgoing, left);
  return excess;
}

Result<void> PublisherQueue::accept(Outgoing outgoing) {
  bool told = true;
  {
    Lock lock(mutex_);
    // Before anything is counted: what is not taken comes again. One batch larger than the queue is taken
    // when the queue is empty: else it would never be.
    const bool waits = options_.policy == QueuePolicy::wait;
    const std::size_t size = taken_of(outgoing);
    if (waits && size > 0 && waiting_ > 0 && waiting_ + size > options_.max_queued)
      return fail(Errc::kUnavailable, "the publisher {} is {} samples and events behind", name_, waiting_);
    cut_to_kind(outgoing);
    const std::size_t cut = waits ? 0 : cut_to_fit(outgoing);
    status_.overflowed += cut;
    told = cut == 0 || std::exchange(overflowing_, true);
    waiting_ += size_of(outgoing);
    // One that is sent is not sent again because another of its batch failed.
    auto parts = publisher_->one_by_one() ? pieces_of(std::move(outgoing)) : kinds_of(std::move(outgoing));
    std::ranges::move(parts, std::back_inserter(queue_));
  }
  if (!told)
    log::warning(kPublisherLog, "{} is {} samples and events behind: the {} go", name_, options_.max_queued,
                 options_.policy == QueuePolicy::queue ? "oldest" : "newest");
  changed_.notify_all();
  return {};
}

bool PublisherQueue::settled(Duration patience) {
  if (options_.policy != QueuePolicy::wait) return true;
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return waiting_ + in_flight_ == 0; });
}

void PublisherQueue::work() {
  std::unique_lock lock(mutex_);
  send_all(lock);
  ended_ = true;
  changed_.notify_all();
}

/// Returns when it is stopped.
void PublisherQueue::send_all(std::unique_lock<Mutex>& lock) {
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    if (given_up_ || (stopping_ && std::chrono::steady_clock::now() >= stopped_ + options_.farewell)) return;
    // Taken out while it is sent, so that a full queue can lose what stands behind it.
    const Outgoing next = std::move(queue_.front());
    queue_.pop_front();
    in_flight_ = size_of(next);
    waiting_ -= in_flight_;
    Duration pause = options_.first_pause;
    for (std::uint64_t attempt = 1;; ++attempt) {
      attempt_began_ = std::chrono::steady_clock::now();
      lock.unlock();
      const bool done = done_with(next, attempt);
      lock.lock();
      if (done) break;
      if (stopping_) return;
      changed_.wait_for(lock, pause, [this] { return stopping_; });
      pause = std::min(pause * 2, options_.longest_pause);
    }
    in_flight_ = 0;
    if (overflowing_ && queue_.empty()) {
      overflowing_ = false;
      log::info(kPublisherLog, "{} is no longer behind; {} samples and events went so far", name_,
                status_.overflowed);
    }
    changed_.notify_all();
  }
}

bool PublisherQueue::done_with(const Outgoing& outgoing, std::uint64_t attempt) {
  const auto published = publisher_->publish(outgoing);
  const std::uint64_t attempts = options_.policy == QueuePolicy::drop ? 1 : options_.max_retries + 1;
  bool told = true, dropped = false;
  {
    Lock lock(mutex_);
    status_.failing = !published;
    if (published) {
      status_.delivered += size_of(outgoing);
      return true;
    }
    ++status_.failures;
    last_failed_ = std::chrono::steady_clock::now();
    told = status_.last_error == published.error().message;
    status_.last_error = published.error().message;
    dropped = published.error().code == Errc::kInvalid || attempt >= attempts;
    if (dropped) status_.dropped += size_of(outgoing);
  }
  if (!told) log::warning(kPublisherLog, "{}: {}", name_, published.error().message);
  return dropped;
}

PublisherStatus PublisherQueue::status() const {
  Lock lock(mutex_);
  PublisherStatus out = status_;
  out.queued = waiting_ + in_flight_;
  const bool is_recent = std::chrono::steady_clock::now() < last_failed_ + options_.failing_for;
  out.failing = status_.failing && (out.queued > 0 || is_recent);
  if (out.last_error.empty()) out.last_error = kind_error_;
  return out;
}

Result<PublisherSet> PublisherSet::make(const std::vector<std::string>& urls) {
  PublisherSet made;
  for (const std::string& url : urls) {
    if (is_own_store(url)) continue;
    SENT_TRY_ASSIGN(auto parsed, parse_publisher_url(url));
    SENT_TRY_ASSIGN(const auto options, queue_options(parsed));
    SENT_TRY_ASSIGN(auto publisher, make_publisher(url));
    made.queues_.emplace_back(url,
                              std::make_unique<PublisherQueue>(parsed.name(), std::move(publisher), options));
  }
  return made;
}

PublisherSet::~PublisherSet() {
  for (auto& [url, queue] : queues_) queue->stop();
}

Result<void> PublisherSet::accept(const Outgoing& outgoing) {
  for (auto& [url, queue] : queues_)
    if (url == outgoing.publisher) return queue->accept(outgoing);
  return {};
}

bool PublisherSet::settled(Duration patience) {
  // They work at the same time, so that one's patience is the others' too, or nearly.
  return std::ranges::all_of(queues_, [&](const auto& one) { return one.second->settled(patience); });
}

std::vector<PublisherStatus> PublisherSet::status() const {
  std::vector<PublisherStatus> out;
  for (const auto& [url, queue] : queues_) out.push_back(queue->status());
  return out;
}

}  // namespace sentinella::telemetry
