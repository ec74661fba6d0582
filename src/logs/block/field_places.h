// Where the fields of a record of one line stand in that line.
#pragma once

#include <array>
#include <cstdint>

#include "logs/block/record_view.h"
#include "logs/block/shape.h"

namespace sentinella::logs {

struct FieldPlaces {
  struct Place {
    std::uint32_t begin = 0, end = 0;
    std::uint32_t number = 0;  ///< not 0: the field is this number, wherever it stands
  };

  std::array<Place, kFields> of;
  std::uint16_t present = 0;   ///< bit f: the record has Field f
  bool in_line = true;         ///< all texts are views into the line
  bool message_to_end = true;  ///< there is none, or it goes to the line's end

  explicit FieldPlaces(const RecordView& record) {
    const auto text = [&](Field field, std::string_view part) {
      if (part.empty()) return;
      // As numbers: views of other memory compare unspecified.
      const auto at =
          reinterpret_cast<std::uintptr_t>(part.data()) - reinterpret_cast<std::uintptr_t>(record.raw.data());
      in_line = in_line && at < record.raw.size() && part.size() <= record.raw.size() - at;
      put(field, {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + part.size())});
    };
    const auto number = [&](Field field, std::uint32_t value) {
      if (value != 0) put(field, {0, 0, value});
    };
    text(Field::component, record.component);
    text(Field::request_id, record.request_id);
    text(Field::global_request_id, record.global_request_id);
    text(Field::user_id, record.user_id);
    text(Field::project_id, record.project_id);
    text(Field::instance, record.instance);
    number(Field::pid, record.pid);
    text(Field::message, record.message);
    text(Field::domain_id, record.domain_id);
    text(Field::http_client, record.http.client);
    text(Field::http_method, record.http.method);
    text(Field::http_path, record.http.path);
    number(Field::http_status, record.http.status);
    message_to_end =
        record.message.empty() || of[static_cast<std::size_t>(Field::message)].end == record.raw.size();
  }

 private:
  void put(Field field, const Place& place) {
    of[static_cast<std::size_t>(field)] = place;
    present |= static_cast<std::uint16_t>(1u << static_cast<unsigned>(field));
  }
};

}  // namespace sentinella::logs
