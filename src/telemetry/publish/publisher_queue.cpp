#include "telemetry/publish/publisher_queue.h"

#include <algorithm>

#include "base/log.h"
#include "telemetry/publish/publisher_url.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kPublisherLog = "telemetry.publisher";

std::size_t size_of(const Outgoing& outgoing) {
  return outgoing.samples.size() + outgoing.events.size();
}

}  // namespace

PublisherQueue::PublisherQueue(std::string name, std::unique_ptr<Publisher> publisher,
                               PublisherQueueOptions options)
    : name_(std::move(name)), publisher_(std::move(publisher)), options_(options) {
  status_.name = name_;
  thread_ = std::thread([this] { work(); });
}

PublisherQueue::~PublisherQueue() {
  {
    Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

/// One batch larger than the queue is taken when the queue is empty: else it would never be.
Result<void> PublisherQueue::accept(Outgoing outgoing) {
  const std::size_t size = size_of(outgoing);
  {
    Lock lock(mutex_);
    if (queued_ > 0 && queued_ + size > options_.max_queued)
      return fail(Errc::kUnavailable, "the publisher {} is {} samples and events behind", name_, queued_);
    queue_.push_back(std::move(outgoing));
    queued_ += size;
  }
  changed_.notify_all();
  return {};
}

void PublisherQueue::work() {
  std::uint64_t attempt = 0;
  Duration pause = options_.first_pause;
  for (;;) {
    const Outgoing* next = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      next = &queue_.front();  // stays where it is: only this thread takes from the front
    }
    const bool done = settled(*next, ++attempt);
    std::unique_lock lock(mutex_);
    if (done) {
      queued_ -= size_of(*next);
      queue_.pop_front();
      attempt = 0;
      pause = options_.first_pause;
    } else if (stopping_) {
      return;
    } else {
      changed_.wait_for(lock, pause, [this] { return stopping_; });
      pause = std::min(pause * 2, options_.longest_pause);
    }
  }
}

bool PublisherQueue::settled(const Outgoing& outgoing, std::uint64_t attempt) {
  const auto published = publisher_->publish(outgoing);
  bool told = true, dropped = false;
  {
    Lock lock(mutex_);
    if (published) {
      status_.delivered += size_of(outgoing);
      return true;
    }
    ++status_.failures;
    told = status_.last_error == published.error().message;
    status_.last_error = published.error().message;
    dropped = published.error().code == Errc::kInvalid || attempt > options_.max_retries;
    if (dropped) status_.dropped += size_of(outgoing);
  }
  if (!told) log::warning(kPublisherLog, "{}: {}", name_, published.error().message);
  return dropped;
}

PublisherStatus PublisherQueue::status() const {
  Lock lock(mutex_);
  PublisherStatus out = status_;
  out.queued = queued_;
  return out;
}

Result<PublisherSet> PublisherSet::make(const std::vector<std::string>& urls) {
  PublisherSet made;
  for (const std::string& url : urls) {
    if (is_own_store(url)) continue;
    SENT_TRY_ASSIGN(auto parsed, parse_publisher_url(url));
    PublisherQueueOptions options;
    SENT_TRY_ASSIGN(options.max_retries, parsed.take_number("max_retry", options.max_retries, 1'000'000));
    SENT_TRY_ASSIGN(options.max_queued,
                    parsed.take_number("max_queue_length", options.max_queued, 10'000'000));
    SENT_TRY_ASSIGN(auto publisher, make_publisher(url));
    made.queues_.emplace_back(url,
                              std::make_unique<PublisherQueue>(parsed.name(), std::move(publisher), options));
  }
  return made;
}

Result<void> PublisherSet::accept(const Outgoing& outgoing) {
  for (auto& [url, queue] : queues_)
    if (url == outgoing.publisher) return queue->accept(outgoing);
  return {};
}

std::vector<PublisherStatus> PublisherSet::status() const {
  std::vector<PublisherStatus> out;
  for (const auto& [url, queue] : queues_) out.push_back(queue->status());
  return out;
}

}  // namespace sentinella::telemetry
