// Which events are changes that people should see among deploys and restarts. The message bus of a cloud
// tells of every step; here only ends and failures of acts count, and of the two forms in which nova tells
// them only one.
#pragma once

#include "model/event.h"

namespace sentinella::events {

/// True for every event that does not come from OpenStack's bus.
bool is_change(const Event& event);

}  // namespace sentinella::events
