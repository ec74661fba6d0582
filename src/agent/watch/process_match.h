// Which service a process belongs to, by its command line.
//
// A process has a few *names*, all taken from its arguments, never from `comm`, which the kernel cuts at 15
// bytes:
//   - its program: "/usr/bin/nova-api" and "nova-api"; of a changed title ("nova-api: worker", "keystone
//   uWSGI
//     master", "(wsgi:keystone -k start") its first word without ':' or "(wsgi:";
//   - when the program is an interpreter (python, perl, ruby, sh ...), its script or module: "python3
//     /usr/bin/nova-api" is nova-api, with or without ".py";
//   - when the program is an application server (uwsgi, gunicorn, apache2 ...), what it serves: the base name
//   of every
//     argument, without its extension, and what stands before "-wsgi" or "-uwsgi": "uwsgi --ini
//     nova-api-uwsgi.ini".
// So "tail -f nova-api.log", "systemctl stop nova-api" and "nova-api-metadata" are not nova-api.
//
// A configured pattern is a name, optionally followed by a blank and a text that the arguments, joined by
// blanks, must also contain: "nova-compute compute1.conf", "keystone uWSGI", "beam.smp -s rabbit boot". Pure
// functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sentinella::agent {

std::vector<std::string> process_names(const std::vector<std::string>& arguments);

bool matches_process(std::string_view pattern, const std::vector<std::string>& arguments);

/// matches_process() for one process and several patterns.
class ProcessMatch {
 public:
  explicit ProcessMatch(const std::vector<std::string>& arguments);
  bool operator()(std::string_view pattern) const;

 private:
  std::vector<std::string> names_;
  std::string joined_;
};

}  // namespace sentinella::agent
