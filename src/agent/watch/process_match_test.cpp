#include "agent/watch/process_match.h"

#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

struct Case {
  const char* pattern;
  std::vector<std::string> arguments;
  bool matches;
};

TEST(ProcessMatch, TellsAServiceFromWhatOnlyMentionsIt) {
  const Case cases[] = {
      {"nova-api", {"/usr/bin/python3", "/usr/bin/nova-api", "--config-file=/etc/nova/nova.conf"}, true},
      {"nova-api", {"/usr/bin/python3.11", "-W", "ignore", "/usr/bin/nova-api"}, true},
      {"nova-api", {"nova-api", "--config-file", "x"}, true},
      {"nova-api", {"/usr/bin/nova-api"}, true},
      {"nova-api", {"nova-api: worker"}, true},
      {"nova-api", {"/usr/bin/python3 /usr/bin/nova-api --config-file x"}, true},
      {"nova-api", {"/usr/bin/python3", "/usr/bin/nova-api-metadata"}, false},
      {"nova-api", {"nova-api-metadata"}, false},
      {"nova-api-metadata", {"/usr/bin/python3", "/usr/bin/nova-api-metadata"}, true},
      {"nova-api", {"/usr/bin/python3", "/usr/bin/nova-api.py"}, true},
      {"nova-api", {"tail", "-f", "/var/log/nova/nova-api.log"}, false},
      {"nova-api", {"systemctl", "stop", "nova-api"}, false},
      {"nova-api", {"grep", "nova-api"}, false},
      {"nova-api", {"vim", "/usr/bin/nova-api"}, false},
      {"nova-api", {"sudo", "-u", "nova", "nova-api"}, false},
      {"nova-api", {"/bin/sh", "-c", "exec nova-api"}, false},
      {"nova-api", {"python3", "-c", "nova-api"}, false},
      {"nova.cmd.api", {"python3", "-m", "nova.cmd.api"}, true},
      {"keystone", {"keystone uWSGI master"}, true},
      {"keystone", {"keystone uWSGI worker 1"}, true},
      {"keystone", {"(wsgi:keystone", "-k", "start"}, true},
      {"keystone", {"/usr/sbin/apache2", "-k", "start"}, false},
      {"nova-api", {"/usr/bin/uwsgi", "--ini", "/etc/nova/nova-api-uwsgi.ini"}, true},
      {"nova-api", {"uwsgi_python3", "--wsgi-file", "/usr/bin/nova-api-wsgi"}, true},
      {"keystone", {"/usr/bin/uwsgi", "--wsgi-file=/usr/bin/keystone-wsgi-public"}, true},
      {"placement-api", {"/usr/bin/python3", "/usr/bin/gunicorn", "/usr/bin/placement-api"}, true},
      {"nova-compute",
       {"/usr/bin/python3", "/usr/bin/nova-compute", "--config-file", "/x/compute1.conf"},
       true},
      {"nova-compute compute1.conf",
       {"/usr/bin/python3", "/usr/bin/nova-compute", "--config-file", "/x/compute1.conf"},
       true},
      {"nova-compute compute2.conf",
       {"/usr/bin/python3", "/usr/bin/nova-compute", "--config-file", "/x/compute1.conf"},
       false},
      {"beam.smp rabbit", {"/usr/lib/erlang/erts/bin/beam.smp", "-W", "w", "-sname", "rabbit@host"}, true},
      {"beam.smp -s rabbit boot",
       {"/usr/lib/erlang/erts/bin/beam.smp", "-W", "w", "-s", "rabbit", "boot", "-boot", "start_sasl"},
       true},
      {"beam.smp -s rabbit boot",
       {"/usr/lib/erlang/erts/bin/beam.smp", "-escript", "main", "rabbitmqctl_escript", "-extra",
        "/usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8/escript/rabbitmqctl", "status"},
       false},
      {"/opt/one/bin/svc", {"/opt/one/bin/svc"}, true},
      {"/opt/two/bin/svc", {"/opt/one/bin/svc"}, false},
      {"neutron-server", {"neutron-server: rpc worker (/usr/bin/python3 /usr/bin/neutron-server)"}, true},
      {"sh", {"shred", "x"}, false},
      {"", {"x"}, false},
      {"x", {}, false},
  };
  for (const Case& c : cases)
    EXPECT_EQ(matches_process(c.pattern, c.arguments), c.matches)
        << c.pattern << " / " << (c.arguments.empty() ? "" : c.arguments[0]) << " "
        << (c.arguments.size() > 1 ? c.arguments[1] : "");
}

}  // namespace
}  // namespace sentinella::agent
