// Where samples and events go besides our own store: one form and one way each, behind one door.
//
//   http, https        JSON, a list, one by one, or as a template says             (samples, events)
//   remote-write(s)    Prometheus remote write over HTTP, HTTPS                    (samples)
//   otlp, otlps        OTLP/HTTP protobuf: samples as metrics, events as logs      (samples, events)
//   opentelemetryhttp  the same, by Ceilometer's name
//   prometheus         a push gateway's text                                       (samples)
//   gnocchi(s)         a Gnocchi elsewhere, with resources made of what they say   (samples, events)
//   monasca(s)         Monasca's API                                               (samples)
//   zaqar(s)           messages of a queue of Zaqar                                (samples, events)
//   notifier           another message bus, as oslo.messaging's notifications      (samples, events)
//   file               JSON, one a line                                            (samples, events)
//   udp, tcp           MessagePack, as Ceilometer's collectors read it             (samples)
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "telemetry/processor.h"

namespace sentinella::telemetry {

/// Blocking; belongs to one thread at a time, but for cancel().
class Publisher {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  virtual ~Publisher() = default;
  /// Everything, or an error: kUnavailable and kIo may be tried again; after kInvalid it is of no use.
  virtual Result<void> publish(const Outgoing& outgoing) = 0;
  /// What publish() makes something of.
  virtual bool takes_samples() const { return true; }
  virtual bool takes_events() const { return false; }
  /// Whether publish() makes a request of each sample and event: then it is best given one at a time, so that
  /// one that is refused takes no other along and none is sent twice because the next one failed.
  virtual bool one_by_one() const { return false; }
  /// By any thread: what publish() waits for soon ends with kUnavailable, and so does whatever comes after;
  /// but for the looking up of a name, which takes as long as the resolver does.
  virtual void cancel() { cancelled_ = true; }
  /// By any thread: when publish() last came on, with a part of what it was given.
  SteadyTime came_on() const { return SteadyTime(SteadyTime::duration(came_on_.load())); }

 protected:
  /// A request has ended, however it did.
  void come_on() { came_on_ = std::chrono::steady_clock::now().time_since_epoch().count(); }

  std::atomic<bool> cancelled_ = false;

 private:
  std::atomic<SteadyTime::rep> came_on_ = SteadyTime::min().time_since_epoch().count();
};

/// kInvalid: the URL or an option; kUnsupported: the scheme.
Result<std::unique_ptr<Publisher>> make_publisher(std::string_view url);

}  // namespace sentinella::telemetry
