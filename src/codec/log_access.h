// Requests in logs: one line each, as web servers and proxies write them. All views point into the argument.
#pragma once

#include <optional>
#include <string_view>

#include "codec/log_fields.h"
#include "codec/log_time.h"

namespace sentinella::codec {

/// uWSGI (core/logging.c, the default format): `[pid: 41|app: 0|req: 17/203] 10.0.0.9 () {58 vars in 1012
/// bytes} [Mon Mar  2 10:11:12 2026] GET / => generated 4312 bytes in 38 msecs (HTTP/1.1 200) ...`.
struct UwsgiAccess {
  std::uint32_t pid = 0;
  WrittenTime time;
  std::string_view client;   ///< `10.0.0.9 ()`
  std::string_view request;  ///< from the method on
  HttpFields http;
};
std::optional<UwsgiAccess> scan_uwsgi_access(std::string_view line);

/// Apache's common and combined log format (mod_log_config), nginx's too: `[vhost:port] host ident user
/// [02/Mar/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 12 ...`; a number after the bytes or at the end is %D,
/// microseconds.
struct ApacheAccess {
  WrittenTime time;
  HttpFields http;
};
std::optional<ApacheAccess> scan_apache_access(std::string_view line);

/// HAProxy (configuration manual, section 8.2): option httplog, option tcplog, and the line of a connection
/// that failed before: `10.0.0.5:41022 [02/Mar/2026:10:11:12.345] frontend backend/server ...`.
struct HaproxyLine {
  WrittenTime time;
  std::string_view proxy;  ///< the backend; the frontend where there is none
  bool is_http = false;
  HttpFields http;  ///< in TCP mode without method and path
};
std::optional<HaproxyLine> scan_haproxy(std::string_view line);

/// Swift's proxy (swift/common/middleware/proxy_logging.py, the default format): `client peer
/// 02/Mar/2026/10/11/12 GET /v1/AUTH_p/c/o HTTP/1.0 200 referer agent token received sent etag transaction
/// headers seconds ...`. All values are quoted so that none has a blank; the time is UTC.
struct SwiftAccess {
  WrittenTime time;
  std::string_view transaction;  ///< what all servers of one request name; "" = none
  HttpFields http;
};
std::optional<SwiftAccess> scan_swift_access(std::string_view line);

/// The request in a message of a WSGI server, as oslo.log's line has it after the context:
///   eventlet     10.0.0.9 - - [02/Mar/2026 10:11:12] "GET / HTTP/1.1" 200 1177 0.004081
///   nova.wsgi    10.0.0.9,10.0.0.1 "GET /v2 HTTP/1.1" status: 200 len: 1893 time: 0.2477829
///   requestlog   10.0.0.9 "GET /v2.1" status: 200 len: 18 microversion: 2.1 time: 0.010000
///   cinder       GET http://10.0.0.5:8776/v3/
///   cinder       http://10.0.0.5:8776/v3/ returned with HTTP 200
/// Leaves `http` as it is and says false when there is none.
bool scan_wsgi_request(std::string_view message, HttpFields& http);

/// Certainly a line of its own, of any of the first three.
bool is_access_line(std::string_view line);
bool is_uwsgi_access(std::string_view line);

}  // namespace sentinella::codec
