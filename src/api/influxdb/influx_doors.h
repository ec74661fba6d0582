// InfluxDB's write API, versions 1 and 2 (InfluxDB 1.8 "API reference", InfluxDB 2.x "/api/v2/write"), for
// Telegraf and whatever else speaks line protocol: POST /influxdb/write, POST /influxdb/api/v2/write.
//
// The body is line protocol (codec/influx_line.h), plain, gzip or zstd; `precision` says the unit of its
// timestamps; database, retention policy, bucket and organisation are taken and mean nothing: the account
// comes from the credentials. 204 is sent when the samples are durable in the journal; 400 names the bad
// lines and why, and the good ones are kept as if there were no others. Clients of version 1 ask
// /influxdb/ping whether there is a server, and send CREATE DATABASE to /influxdb/query.
#pragma once

#include "api/router.h"

namespace sentinella::api::influxdb {

void write(RequestContext& call, Answer answer);
Result<Reply> ping(RequestContext& call);
Result<Reply> query(RequestContext& call);

}  // namespace sentinella::api::influxdb
