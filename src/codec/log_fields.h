// What a scanner finds in the text of one record: views into that text, or into the scratch memory of the
// parser.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "codec/log_format.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// See model/log_record.h, HttpAccess.
struct HttpFields {
  std::string_view client, method, path;
  std::uint16_t status = 0;
  std::int64_t bytes = -1;
  std::int64_t duration_ns = -1;

  /// False when the record tells of no request.
  bool present() const { return !client.empty() || !method.empty() || !path.empty(); }
};

struct LogFieldValues {
  LogFormat format = LogFormat::plain;
  Severity severity = Severity::unspecified;
  std::uint32_t pid = 0;
  std::uint32_t flags = 0;
  Time time;
  std::string_view host;
  std::string_view component;
  std::string_view request_id, global_request_id;
  std::string_view user_id, project_id;
  std::string_view domain_id;  ///< the token's scope; else the project's, else the user's
  std::string_view instance;
  std::string_view message;
  std::string_view traceback;
  HttpFields http;
};

struct LogFields : LogFieldValues {
  /// Groups of a user's own pattern that are no field of ours.
  std::vector<std::pair<std::string_view, std::string_view>> extra;

  /// As new; the memory is kept.
  void clear() {
    static_cast<LogFieldValues&>(*this) = {};
    extra.clear();
  }
};

/// Memory for texts that a record does not have in one piece. What is handed out stays where it is until
/// clear(). Not thread-safe.
class TextScratch {
 public:
  /// `size` bytes to write into.
  char* take(std::size_t size) {
    if (size > kBlock - used_ || !block_) {
      if (size > kBlock / 2) return large_.emplace_back(new char[size]).get();
      if (block_) large_.push_back(std::move(block_));
      block_.reset(new char[kBlock]);
      used_ = 0;
    }
    char* const begin = block_.get() + used_;
    used_ += size;
    return begin;
  }
  void clear() {
    large_.clear();
    used_ = 0;
  }

 private:
  static constexpr std::size_t kBlock = 1u << 16;
  std::unique_ptr<char[]> block_;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<char[]>> large_;
};

}  // namespace sentinella::codec
