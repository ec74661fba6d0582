# Puts the files of a package where they are to be installed; for build_deb.sh and build_rpm.sh, in the repository's root.
# Everything carries the time of the last commit, so that the same commit makes the same packages.
version=$(sed -n 's/^project(sentinella VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)}
export SOURCE_DATE_EPOCH
umask 022

stage_agent() {
  install -D -m 0755 -s build/release/bin/sentinella "$1/usr/bin/sentinella"
  install -D -m 0644 packaging/systemd/sentinella.service "$1/lib/systemd/system/sentinella.service"
  for drop_in in packaging/systemd/sentinella.service.d/*.conf; do
    install -D -m 0644 "$drop_in" "$1/lib/systemd/system/sentinella.service.d/${drop_in##*/}"
  done
  for drop_in in packaging/systemd/drop-ins/*.conf; do
    install -D -m 0644 "$drop_in" "$1/usr/share/sentinella/drop-ins/${drop_in##*/}"
  done
  install -D -m 0644 packaging/man/sentinella.1 "$1/usr/share/man/man1/sentinella.1"
  install -D -m 0644 packaging/logrotate/sentinella "$1/etc/logrotate.d/sentinella"
  install -D -m 0644 packaging/completion/sentinella "$1/usr/share/bash-completion/completions/sentinella"
  install -D -m 0644 LICENSE "$1/usr/share/doc/sentinella/copyright"
  install -d "$1/etc/sentinella/plugins"
}

stage_server() {
  install -D -m 0755 -s build/release/bin/sentinella-server "$1/usr/bin/sentinella-server"
  install -D -m 0644 packaging/systemd/sentinella-server.service "$1/lib/systemd/system/sentinella-server.service"
  install -D -m 0644 packaging/man/sentinella-server.8 "$1/usr/share/man/man8/sentinella-server.8"
  install -D -m 0644 LICENSE "$1/usr/share/doc/sentinella-server/copyright"
  install -d "$1/etc/sentinella" "$1/usr/share/sentinella"
  build/release/bin/sentinella-server config-sample >"$1/etc/sentinella/server.conf"
  chmod 0640 "$1/etc/sentinella/server.conf"
  cp -r ui/dist "$1/usr/share/sentinella/ui"
}

summary_of() {
  case $1 in
    sentinella) echo "agent of Sentinella, OpenStack monitoring" ;;
    sentinella-server) echo "server of Sentinella, OpenStack monitoring" ;;
  esac
}

config_files_of() {
  case $1 in
    sentinella) echo /etc/logrotate.d/sentinella ;;
    sentinella-server) echo /etc/sentinella/server.conf ;;
  esac
}
