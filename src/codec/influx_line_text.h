// The pieces of one line of the InfluxDB protocol, read with care: for lines that are new, and for saying
// what is wrong with a bad one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::codec {

/// The first unescaped space at or after `from`; nullptr when the line ends before.
const char* find_end_of_head(const char* from, const char* end);

/// The first byte after a quoted text that begins at `from`; nullptr when it does not end.
const char* skip_quoted(const char* from, const char* end);

enum class FieldKind : std::uint8_t { bad, sample, text };

/// A field's value that begins at `at`, which moves behind it. `bad` leaves `at` where it was.
FieldKind scan_field_value(const char*& at, const char* end, double& value);

/// "\," "\=" "\ " without their backslash; any other backslash stays.
std::string unescape_line(std::string_view text);

/// Measurement and tags, ready to become the labels of any of the line's fields.
class LineHead {
 public:
  /// kInvalid: why the head is none, naming the tag.
  Result<void> parse(std::string_view raw);
  /// The labels' canonical bytes of `measurement_field` with the tags, good until the next call. kInvalid.
  Result<std::string_view> canonical(std::string_view field);
  /// Of the last canonical().
  std::string_view metric() const { return metric_; }

 private:
  struct Tag {
    std::string label;
    std::string value;
  };
  Result<void> add_tag(std::string_view raw);

  std::string measurement_;
  std::vector<Tag> tags_;
  std::string before_, after_;  ///< canonical bytes of the labels before and behind __name__
  std::string metric_, canonical_;
};

/// Text for an error message: valid UTF-8, not long.
std::string shown(std::string_view text);

}  // namespace sentinella::codec
