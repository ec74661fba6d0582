// Something that happened: a deploy, a restart, an OpenStack notification, a state change.
#pragma once

#include <string>

#include "base/time.h"
#include "model/traits.h"

namespace sentinella {

struct Event {
  std::string id;    ///< given by the sender, else by us; the same id twice is one event
  std::string type;  ///< "service.stopped", "service.restarted", "deploy", "compute.instance.create.end" ...
  Time time;
  std::string host;     ///< "" when it concerns no host
  std::string service;  ///< "" when it concerns no service
  std::string summary;  ///< one sentence for people
  std::string origin;   ///< who says so: "agent", "api", "server"
  Traits traits;
};

}  // namespace sentinella
