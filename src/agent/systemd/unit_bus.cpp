#include "agent/systemd/unit_bus.h"

#include <cstring>

namespace sentinella::agent {
namespace {

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kManagerPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kUnit = "org.freedesktop.systemd1.Unit";
constexpr const char* kService = "org.freedesktop.systemd1.Service";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr std::uint64_t kLimitMicroseconds = 3'000'000;

/// Gives a message back when it is done with.
class Message {
 public:
  explicit Message(const SystemdLibrary& library) : library_(library) {}
  ~Message() {
    if (message_) library_.bus_message_unref(message_);
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  sd_bus_message** out() { return &message_; }
  sd_bus_message* get() const { return message_; }
  sd_bus_message* release() { return std::exchange(message_, nullptr); }

 private:
  const SystemdLibrary& library_;
  sd_bus_message* message_ = nullptr;
};

std::unexpected<Error> no_answer(int error) {
  return fail(Errc::kUnavailable, "systemd does not answer on D-Bus: {}", std::strerror(-error));
}

}  // namespace

UnitBus::~UnitBus() {
  close();
}

void UnitBus::close() {
  if (bus_) library_->bus_flush_close_unref(bus_);
  bus_ = nullptr;
}

Result<void> UnitBus::open() {
  if (bus_) return {};
  SENT_TRY_ASSIGN(library_, systemd_library());
  if (const int error = library_->bus_open_system(&bus_); error < 0) {
    bus_ = nullptr;
    return fail(Errc::kUnavailable, "the system's D-Bus cannot be reached: {}", std::strerror(-error));
  }
  return {};
}

Result<std::vector<UnitState>> UnitBus::ask(const std::vector<std::string>& units, bool with_files) {
  SENT_TRY(open());
  std::vector<std::string> paths;
  auto states = list(units, paths);
  if (!states) {
    close();
    return states;
  }
  for (std::size_t i = 0; i < states->size(); ++i) {
    UnitState& unit = (*states)[i];
    if (unit.load != "loaded") continue;
    if (unit.id.ends_with(".service")) {
      unit.result = text_property(paths[i], kService, "Result").value_or("");
      unit.restarts = number_property(paths[i], kService, "NRestarts");
    }
    if (with_files) unit.file = text_property(paths[i], kUnit, "UnitFileState").value_or("");
  }
  return states;
}

Result<std::vector<UnitState>> UnitBus::list(const std::vector<std::string>& units,
                                             std::vector<std::string>& paths) {
  Message call(*library_), reply(*library_);
  std::vector<std::string> names = units;
  std::vector<char*> texts;
  for (std::string& name : names) texts.push_back(name.data());
  texts.push_back(nullptr);
  int error = library_->bus_message_new_method_call(bus_, call.out(), kSystemd, kManagerPath, kManager,
                                                    "ListUnitsByNames");
  if (error >= 0) error = library_->bus_message_append_strv(call.get(), texts.data());
  if (error >= 0) error = library_->bus_call(bus_, call.get(), kLimitMicroseconds, nullptr, reply.out());
  if (error < 0) return no_answer(error);
  error = library_->bus_message_enter_container(reply.get(), 'a', "(ssssssouso)");
  if (error < 0) return no_answer(error);
  std::vector<UnitState> states;
  for (;;) {
    const char *id = nullptr, *about = nullptr, *load = nullptr, *active = nullptr, *sub = nullptr;
    const char *follows = nullptr, *path = nullptr, *job = nullptr, *job_path = nullptr;
    std::uint32_t job_id = 0;
    error = library_->bus_message_read(reply.get(), "(ssssssouso)", &id, &about, &load, &active, &sub,
                                       &follows, &path, &job_id, &job, &job_path);
    if (error < 0) return no_answer(error);
    if (error == 0) return states;
    UnitState state;
    state.id = id;
    state.load = load;
    state.active = active;
    state.sub = sub;
    states.push_back(std::move(state));
    paths.emplace_back(path);
  }
}

sd_bus_message* UnitBus::get_property(const std::string& path, const char* interface, const char* name,
                                      const char* type) {
  Message call(*library_), reply(*library_);
  int error =
      library_->bus_message_new_method_call(bus_, call.out(), kSystemd, path.c_str(), kProperties, "Get");
  if (error >= 0) error = library_->bus_message_append(call.get(), "ss", interface, name);
  if (error >= 0) error = library_->bus_call(bus_, call.get(), kLimitMicroseconds, nullptr, reply.out());
  if (error >= 0) error = library_->bus_message_enter_container(reply.get(), 'v', type);
  return error < 0 ? nullptr : reply.release();
}

std::optional<std::string> UnitBus::text_property(const std::string& path, const char* interface,
                                                  const char* name) {
  sd_bus_message* reply = get_property(path, interface, name, "s");
  if (!reply) return std::nullopt;
  const char* text = nullptr;
  std::optional<std::string> value;
  if (library_->bus_message_read(reply, "s", &text) > 0) value = text;
  library_->bus_message_unref(reply);
  return value;
}

std::optional<std::uint32_t> UnitBus::number_property(const std::string& path, const char* interface,
                                                      const char* name) {
  sd_bus_message* reply = get_property(path, interface, name, "u");
  if (!reply) return std::nullopt;
  std::uint32_t number = 0;
  std::optional<std::uint32_t> value;
  if (library_->bus_message_read(reply, "u", &number) > 0) value = number;
  library_->bus_message_unref(reply);
  return value;
}

}  // namespace sentinella::agent
