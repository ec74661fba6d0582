// libsystemd, loaded when something wants it and is there: hosts without systemd pay nothing, and the program
// does not need the library to start. Only what is used here is declared (sd-bus(3), sd-journal(3), version
// 222 or later).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"

struct sd_bus;
struct sd_bus_message;
struct sd_journal;

namespace sentinella::agent {

/// As sd_bus_error of sd-bus.h.
struct BusError {
  const char* name = nullptr;
  const char* message = nullptr;
  int needs_free = 0;
};

struct SystemdLibrary {
  int (*bus_open_system)(sd_bus**);
  sd_bus* (*bus_flush_close_unref)(sd_bus*);
  int (*bus_call)(sd_bus*, sd_bus_message*, std::uint64_t microseconds, BusError*, sd_bus_message** reply);
  void (*bus_error_free)(BusError*);
  int (*bus_message_new_method_call)(sd_bus*, sd_bus_message**, const char* destination, const char* path,
                                     const char* interface, const char* member);
  int (*bus_message_append)(sd_bus_message*, const char* types, ...);
  int (*bus_message_append_strv)(sd_bus_message*, char** texts);
  int (*bus_message_enter_container)(sd_bus_message*, char type, const char* contents);
  int (*bus_message_exit_container)(sd_bus_message*);
  int (*bus_message_read)(sd_bus_message*, const char* types, ...);
  sd_bus_message* (*bus_message_unref)(sd_bus_message*);

  int (*journal_open)(sd_journal**, int flags);
  int (*journal_open_directory)(sd_journal**, const char* path, int flags);
  void (*journal_close)(sd_journal*);
  int (*journal_add_match)(sd_journal*, const void* match, std::size_t size);
  int (*journal_add_disjunction)(sd_journal*);
  int (*journal_set_data_threshold)(sd_journal*, std::size_t size);
  int (*journal_seek_cursor)(sd_journal*, const char* cursor);
  int (*journal_seek_tail)(sd_journal*);
  int (*journal_seek_realtime_usec)(sd_journal*, std::uint64_t);
  int (*journal_test_cursor)(sd_journal*, const char* cursor);
  int (*journal_get_cursor)(sd_journal*, char** cursor);
  int (*journal_next)(sd_journal*);
  int (*journal_previous_skip)(sd_journal*, std::uint64_t);
  int (*journal_get_realtime_usec)(sd_journal*, std::uint64_t*);
  int (*journal_get_data)(sd_journal*, const char* field, const void** data, std::size_t* size);
  int (*journal_get_fd)(sd_journal*);
  int (*journal_process)(sd_journal*);
};

/// Loaded once, for good. kUnsupported: it is not on this host, or too old. Thread-safe.
Result<const SystemdLibrary*> systemd_library();

}  // namespace sentinella::agent
