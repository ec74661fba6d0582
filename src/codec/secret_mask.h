// Secrets in log lines: passwords and tokens that services write when their level is DEBUG, or into the
// address of a broker or database that they cannot reach. What is masked keeps its place and loses its text.
#pragma once

#include <string>

namespace sentinella::codec {

/// Masks, with "***":
///   transport_url = rabbit://openstack:PASS@ctl-1:5672,openstack:PASS@ctl-2:5672
///   password=PASS, {'adminPass': 'PASS'}, {"secret": "PASS"}, also with escaped quotes
///   X-Auth-Token: gAAAAABm..., and a Fernet token wherever it stands
/// What the service has masked itself ({SHA256}..., ***) stays. True when something was masked. One pass;
/// bytes that are no secret are not touched.
bool mask_secrets(std::string& text);

}  // namespace sentinella::codec
