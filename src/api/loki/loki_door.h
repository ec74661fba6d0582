// Loki's push API: POST /loki/api/v1/push, protobuf with snappy or JSON, also gzip (codec/loki_push.h). 204
// when everything is durable; 400 names what was refused, and the rest is kept.
#pragma once

#include "api/router.h"

namespace sentinella::api::loki {

void push(RequestContext& call, Answer answer);

}  // namespace sentinella::api::loki
