#include <netdb.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/file.h"
#include "net/stream.h"
#include "telemetry/publish/publishers.h"
#include "telemetry/publish/wire_forms.h"

namespace sentinella::telemetry {
namespace {

constexpr std::uint16_t kUdpPort = 4952;
constexpr Duration kWait = 5s;

/// One datagram a sample; nobody says whether it came.
class UdpPublisher final : public Publisher {
 public:
  UdpPublisher(std::string host, std::uint16_t port, std::string secret)
      : host_(std::move(host)), port_(port), secret_(std::move(secret)) {}

  Result<void> publish(const Outgoing& outgoing) override {
    if (!socket_) SENT_TRY(open());
    for (const MeterSample& sample : outgoing.samples) {
      const std::string bytes = packed_sample(sample, secret_);
      if (send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 && errno != ECONNREFUSED)
        return fail_errno(errno, fmt::format("cannot send to udp://{}:{}", host_, port_));
    }
    return {};
  }

 private:
  Result<void> open() {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_DGRAM;
    if (const int error = getaddrinfo(host_.c_str(), std::to_string(port_).c_str(), &hints, &found);
        error != 0)
      return fail(Errc::kUnavailable, "cannot find {}: {}", host_, gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
    FileDescriptor made(socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!made || connect(made.get(), found->ai_addr, found->ai_addrlen) != 0)
      return fail_errno(errno, fmt::format("cannot reach udp://{}:{}", host_, port_));
    socket_ = std::move(made);
    return {};
  }

  const std::string host_;
  const std::uint16_t port_;
  const std::string secret_;
  FileDescriptor socket_;
};

/// Each sample behind its length in eight bytes, little-endian; with the host that sends it.
class TcpPublisher final : public Publisher {
 public:
  TcpPublisher(std::string host, std::uint16_t port, std::string secret)
      : host_(std::move(host)), port_(port), secret_(std::move(secret)) {}

  Result<void> publish(const Outgoing& outgoing) override {
    std::string bytes;
    ByteWriter out(bytes);
    for (const MeterSample& sample : outgoing.samples) {
      const std::string packed = packed_sample(sample, secret_, host_of_ours_);
      out.fixed(static_cast<std::uint64_t>(packed.size()));
      bytes += packed;
    }
    if (!stream_) {
      SENT_TRY_ASSIGN(stream_, net::connect(host_, port_, kWait, &cancelled_));
    }
    auto written = stream_->write(bytes, kWait);
    if (!written) stream_.reset();
    return written;
  }

 private:
  const std::string host_;
  const std::uint16_t port_;
  const std::string secret_;
  const std::string host_of_ours_ = own_host();
  std::unique_ptr<net::Stream> stream_;
};

}  // namespace

MadePublisher make_socket_publisher(PublisherUrl url) {
  if (url.host.empty()) return fail(Errc::kInvalid, "the publisher {}:// names no host", url.scheme);
  SENT_TRY_ASSIGN(auto secret, url.take_secret("secret_file"));
  if (url.scheme == "udp")
    return std::make_unique<UdpPublisher>(url.host, url.port == 0 ? kUdpPort : url.port, std::move(secret));
  if (url.port == 0) return fail(Errc::kInvalid, "the publisher tcp://{} names no port", url.host);
  return std::make_unique<TcpPublisher>(url.host, url.port, std::move(secret));
}

}  // namespace sentinella::telemetry
