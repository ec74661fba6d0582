// `sentinella run --print`: what would be sent, for people.
#pragma once

#include "model/batch.h"

namespace sentinella::agent {

/// One line each, to standard output.
void print_batch(const Batch& batch);

}  // namespace sentinella::agent
