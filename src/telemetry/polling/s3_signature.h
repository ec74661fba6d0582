// Who asks, in the words of Amazon's S3 and of the RADOS gateway: Signature Version 4 in the header
// Authorization. Source: Amazon S3, "Authenticating Requests: Using the Authorization Header (AWS Signature
// Version 4)".
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

namespace sentinella::telemetry {

struct S3Key {
  std::string access, secret;
};

/// Adds x-amz-date, x-amz-content-sha256 and Authorization for a GET without a body. The region is us-east-1,
/// which a gateway with one zone group takes whatever its own is called. kInvalid: the address.
Result<void> sign_s3_get(const std::string& url, const S3Key& key, Time now, net::Headers& headers);

}  // namespace sentinella::telemetry
