// Prometheus remote write 1.0: POST /prometheus/api/v1/write (prometheus.io, "Prometheus Remote-Write 1.0
// specification"). The body is a WriteRequest in snappy's block format; what becomes of it stands in
// codec/remote_write.h.
//
// 204 is sent when the samples are durable in the journal. 400: not a WriteRequest, or some series in it
// could not be taken (the answer names them and why; the others are kept); a sender that follows the
// specification does not send either again.
#pragma once

#include "api/router.h"

namespace sentinella::api::prometheus {

void remote_write(RequestContext& call, Answer answer);

}  // namespace sentinella::api::prometheus
