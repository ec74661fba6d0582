// Channels that keep failing are an alert like any other, which the other channels tell.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/database.h"
#include "model/alert.h"

namespace sentinella::notify {

/// The id of the channel that an alert says fails; "" = it is about something else. Such an alert is never
/// told through that channel, so that one which fails leads to one alert and no more.
std::string_view failing_channel(const Alert& alert);

/// What is to be said of every account's channels: that one keeps failing, or that one of the `known` alerts
/// of failing channels is over, because a message went through, or because the channel was switched off or
/// removed. A channel keeps failing when three attempts in a row, over a minute at least, were in vain, or
/// when it gave a message up.
Result<std::vector<Signal>> watch_channels(catalog::Transaction& tx, const std::vector<Alert>& known,
                                           Time now);

}  // namespace sentinella::notify
