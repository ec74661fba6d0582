// Elasticsearch's way in, under /elasticsearch: _bulk (codec/bulk_request.h), and what Filebeat, Logstash,
// Fluent Bit, Fluentd and Vector ask before they send anything. There is no index and no search: templates,
// policies and pipelines are acknowledged, and mean nothing.
#pragma once

#include "api/router.h"

namespace sentinella::api::elasticsearch {

/// 200 when everything is durable, with a status for each item; `create` and `index` are taken.
void bulk(RequestContext& call, Answer answer);

Result<Reply> about(RequestContext& call);
Result<Reply> license(RequestContext& call);
Result<Reply> features(RequestContext& call);
Result<Reply> health(RequestContext& call);
Result<Reply> acknowledged(RequestContext& call);

}  // namespace sentinella::api::elasticsearch
