#include "series/embedded/sealer.h"

#include "base/log.h"
#include "series/embedded/chunk_codec.h"

namespace sentinella::series {
namespace {

constexpr std::size_t kGroupBytes = 2u << 20;  // of samples; a third of it as chunks
constexpr Duration kRetryWait = 1s;

}  // namespace

Sealer::Sealer(ChunkRows& rows, Written written) : rows_(rows), written_(std::move(written)) {
  thread_ = std::thread([this] { run(); });
}

Sealer::~Sealer() {
  {
    Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Sealer::add(Sealed sealed) {
  waiting_bytes_ += sealed->bytes();
  Lock lock(mutex_);
  queue_.push_back(std::move(sealed));
  ++added_;
  if (queue_.size() == 1) changed_.notify_all();
}

Result<void> Sealer::drain() {
  Lock lock(mutex_);
  const std::uint64_t all = added_, tries = tries_;
  // A refusal from before this call proves nothing: one more try must fail.
  while (done_ < all && !(trouble_ && tries_ > tries)) changed_.wait(mutex_);
  if (done_ < all) return std::unexpected(*trouble_);
  return {};
}

void Sealer::retry() {
  Lock lock(mutex_);
  if (trouble_) changed_.notify_all();
}

std::vector<Sealed> Sealer::next_group() {
  std::vector<Sealed> group;
  std::size_t bytes = 0;
  for (const Sealed& sealed : queue_) {
    if (bytes > kGroupBytes) break;
    bytes += sealed->bytes();
    group.push_back(sealed);
  }
  return group;
}

void Sealer::run() {
  for (;;) {
    std::vector<Sealed> group;
    {
      Lock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.wait(mutex_);
      if (stopping_) return;
      group = next_group();
    }
    const auto done = write(group);
    if (done) written_(group);
    Lock lock(mutex_);
    ++tries_;
    if (done) {
      if (trouble_) log::info("series", "the disk takes samples again");
      trouble_.reset();
      done_ += group.size();
      queue_.erase(queue_.begin(), queue_.begin() + std::ssize(group));
      for (const Sealed& sealed : group) waiting_bytes_ -= sealed->bytes();
      changed_.notify_all();
      continue;
    }
    if (!trouble_) log::error("series", "sealed samples wait for the disk: {}", describe(done.error()));
    trouble_ = done.error();
    changed_.notify_all();
    if (!stopping_) changed_.wait_for(mutex_, kRetryWait);
  }
}

Result<void> Sealer::write(const std::vector<Sealed>& group) {
  std::vector<NewChunk> chunks;
  chunks.reserve(group.size());
  for (const Sealed& sealed : group) {
    const Columns columns = sealed->columns();
    chunks.push_back({sealed->account, sealed->id, sealed->rank, sealed->last,
                      encode_chunk(columns.times, columns.values)});
  }
  return rows_.put(chunks);
}

}  // namespace sentinella::series
