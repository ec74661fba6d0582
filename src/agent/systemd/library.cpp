#include "agent/systemd/library.h"

#include <dlfcn.h>

namespace sentinella::agent {
namespace {

constexpr const char* kFile = "libsystemd.so.0";

template <typename Function>
bool find_function(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* from, SystemdLibrary& to) {
  return find_function(from, "sd_bus_open_system", to.bus_open_system) &&
         find_function(from, "sd_bus_flush_close_unref", to.bus_flush_close_unref) &&
         find_function(from, "sd_bus_call", to.bus_call) &&
         find_function(from, "sd_bus_error_free", to.bus_error_free) &&
         find_function(from, "sd_bus_message_new_method_call", to.bus_message_new_method_call) &&
         find_function(from, "sd_bus_message_append", to.bus_message_append) &&
         find_function(from, "sd_bus_message_append_strv", to.bus_message_append_strv) &&
         find_function(from, "sd_bus_message_enter_container", to.bus_message_enter_container) &&
         find_function(from, "sd_bus_message_exit_container", to.bus_message_exit_container) &&
         find_function(from, "sd_bus_message_read", to.bus_message_read) &&
         find_function(from, "sd_bus_message_unref", to.bus_message_unref) &&
         find_function(from, "sd_journal_open", to.journal_open) &&
         find_function(from, "sd_journal_open_directory", to.journal_open_directory) &&
         find_function(from, "sd_journal_close", to.journal_close) &&
         find_function(from, "sd_journal_add_match", to.journal_add_match) &&
         find_function(from, "sd_journal_add_disjunction", to.journal_add_disjunction) &&
         find_function(from, "sd_journal_set_data_threshold", to.journal_set_data_threshold) &&
         find_function(from, "sd_journal_seek_cursor", to.journal_seek_cursor) &&
         find_function(from, "sd_journal_seek_tail", to.journal_seek_tail) &&
         find_function(from, "sd_journal_seek_realtime_usec", to.journal_seek_realtime_usec) &&
         find_function(from, "sd_journal_test_cursor", to.journal_test_cursor) &&
         find_function(from, "sd_journal_get_cursor", to.journal_get_cursor) &&
         find_function(from, "sd_journal_next", to.journal_next) &&
         find_function(from, "sd_journal_previous_skip", to.journal_previous_skip) &&
         find_function(from, "sd_journal_get_realtime_usec", to.journal_get_realtime_usec) &&
         find_function(from, "sd_journal_get_data", to.journal_get_data) &&
         find_function(from, "sd_journal_get_fd", to.journal_get_fd) &&
         find_function(from, "sd_journal_process", to.journal_process);
}

Result<SystemdLibrary> load_library() {
  void* library = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  if (!library) return fail(Errc::kUnsupported, "{} is not on this host: {}", kFile, ::dlerror());
  SystemdLibrary functions{};
  if (!find_all(library, functions)) return fail(Errc::kUnsupported, "{} is too old: {}", kFile, ::dlerror());
  return functions;
}

}  // namespace

Result<const SystemdLibrary*> systemd_library() {
  static const Result<SystemdLibrary> library = load_library();
  if (!library) return std::unexpected(library.error());
  return &*library;
}

}  // namespace sentinella::agent
