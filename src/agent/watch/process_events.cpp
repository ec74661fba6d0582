#include "agent/watch/process_events.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

namespace sentinella::agent {
namespace {

// linux/cn_proc.h changed its names over the years; the layout did not.
constexpr std::uint32_t kExec = 0x00000002;
constexpr std::uint32_t kExit = 0x80000000;
constexpr std::uint32_t kListen = 1;

struct EventHead {
  std::uint32_t what;
  std::uint32_t cpu;
  std::uint64_t timestamp_ns;
  std::uint32_t pid;   ///< of the thread
  std::uint32_t tgid;  ///< of the process
  std::uint32_t exit_code;
};
constexpr std::size_t kEventOffset = NLMSG_HDRLEN + sizeof(cn_msg);
constexpr std::uint32_t kWhatOffset = kEventOffset;
constexpr std::uint32_t kPidOffset = kEventOffset + offsetof(EventHead, pid);
constexpr std::uint32_t kTgidOffset = kEventOffset + offsetof(EventHead, tgid);

/// Classic BPF loads in network order; the two ids are only compared with each other.
Result<void> attach_filter(int socket, bool with_exits) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kWhatOffset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(kExec), 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(with_exits ? kExit : kExec), 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kPidOffset),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kTgidOffset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
    return fail_errno(errno, "cannot filter kernel process events");
  return {};
}

Result<void> subscribe(int socket) {
  nlmsghdr header{};
  header.nlmsg_len = kEventOffset + sizeof kListen;
  header.nlmsg_type = NLMSG_DONE;
  cn_msg message{};
  message.id = {CN_IDX_PROC, CN_VAL_PROC};
  message.len = sizeof kListen;
  std::string request;
  ByteWriter writer(request);
  writer.fixed(header);
  request.append(reinterpret_cast<const char*>(&message), sizeof message);
  writer.fixed(kListen);
  if (::send(socket, request.data(), request.size(), 0) < 0)
    return fail_errno(errno, "cannot ask for kernel process events");
  return {};
}

/// The kernel answers a subscription with an event of kind 0 that carries an errno.
Result<void> await_acknowledgement(int socket) {
  pollfd wait{socket, POLLIN, 0};
  char buffer[256];
  if (::poll(&wait, 1, 100) != 1) return fail(Errc::kForbidden, "the kernel did not answer");
  const ssize_t n = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
  std::uint32_t what = 1, error = 0;
  if (n < static_cast<ssize_t>(kEventOffset + 20))
    return fail(Errc::kForbidden, "the kernel's answer is too short");
  std::memcpy(&what, buffer + kEventOffset, sizeof what);
  std::memcpy(&error, buffer + kEventOffset + 16, sizeof error);
  if (what == 0 && error != 0)
    return fail(Errc::kForbidden, "not allowed: {}", std::strerror(static_cast<int>(error)));
  return {};
}

}  // namespace

std::optional<ProcessEvent> parse_process_event(std::string_view datagram) {
  if (datagram.size() < kEventOffset + offsetof(EventHead, exit_code)) return std::nullopt;
  EventHead head{};
  std::memcpy(&head, datagram.data() + kEventOffset, std::min(sizeof head, datagram.size() - kEventOffset));
  if (head.pid != head.tgid) return std::nullopt;
  ProcessEvent event;
  event.pid = static_cast<pid_t>(head.tgid);
  if (head.what == kExec) return event;
  if (head.what != kExit || datagram.size() < kEventOffset + sizeof(std::uint32_t) * 7) return std::nullopt;
  event.kind = ProcessEvent::Kind::exit;
  event.wait_status = static_cast<int>(head.exit_code);
  return event;
}

Result<std::unique_ptr<ProcessEvents>> ProcessEvents::open(bool with_exits) {
  FileDescriptor socket(::socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR));
  if (!socket) return fail_errno(errno, "cannot open a netlink connector socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return fail_errno(errno, "cannot bind to kernel process events");
  SENT_TRY(subscribe(socket.get()));
  SENT_TRY(await_acknowledgement(socket.get()));
  SENT_TRY(attach_filter(socket.get(), with_exits));
  return std::unique_ptr<ProcessEvents>(new ProcessEvents(std::move(socket)));
}

bool ProcessEvents::drain(const std::function<void(const ProcessEvent&)>& sink) {
  char buffer[512];
  for (;;) {
    const ssize_t n = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0) return errno != ENOBUFS;
    if (const auto event = parse_process_event({buffer, static_cast<std::size_t>(n)})) sink(*event);
  }
}

}  // namespace sentinella::agent
