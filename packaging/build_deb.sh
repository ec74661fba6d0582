#!/usr/bin/env bash
# Makes build/packages/{sentinella,sentinella-server}_VERSION_ARCH.deb of the programs in build/release/bin and ui/dist.
# `./dev package` builds those first and then comes here.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
version=$(sed -n 's/^project(sentinella VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
arch=$(dpkg --print-architecture)
out=build/packages
rm -rf "$out" && mkdir -p "$out"

# The Debian packages whose libraries a program loads, with their versions as the least.
depends_of() {
  ldd "$1" | awk '$3 ~ /^\// {print $3}' | xargs -n1 readlink -f | sed 's#^/usr/lib#/lib#' | sort -u |
    while read -r library; do
      dpkg-query -S "$library" "/usr$library" 2>/dev/null | sed -n '1s/:.*//p' || true
    done | sort -u |
    while read -r package; do
      printf '%s (>= %s), ' "$package" "$(dpkg-query -W -f='${source:Upstream-Version}' "$package")"
    done | sed 's/, $//'
}

# NAME SUMMARY PROGRAM: the control file and scripts of a staged package, then the package.
finish() {
  local name=$1 summary=$2 program=$3 stage=$out/$1
  mkdir -p "$stage/DEBIAN" "$stage/usr/share/doc/$name"
  cp LICENSE "$stage/usr/share/doc/$name/copyright"
  cat >"$stage/DEBIAN/control" <<EOF
Package: $name
Version: $version
Architecture: $arch
Maintainer: Sentinella <maintainers@sentinella.invalid>
Section: admin
Priority: optional
Depends: adduser, ca-certificates, $(depends_of "$program")
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f1)
Description: $summary
EOF
  cat >"$stage/DEBIAN/postinst" <<EOF
#!/bin/sh
set -e
if [ "\$1" = configure ]; then
  getent passwd sentinella >/dev/null || adduser --system --group --no-create-home --home /nonexistent --quiet sentinella
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; systemctl try-restart $name.service || true; fi
fi
EOF
  chmod 0755 "$stage/DEBIAN/postinst"
  dpkg-deb --root-owner-group -Zxz --build "$stage" "$out/${name}_${version}_$arch.deb" >/dev/null
  rm -r "$stage"
}

agent=$out/sentinella server=$out/sentinella-server
install -D -m 0755 -s build/release/bin/sentinella "$agent/usr/bin/sentinella"
install -D -m 0644 packaging/systemd/sentinella.service "$agent/lib/systemd/system/sentinella.service"
install -D -m 0644 packaging/man/sentinella.1 "$agent/usr/share/man/man1/sentinella.1"
install -D -m 0644 packaging/logrotate/sentinella "$agent/etc/logrotate.d/sentinella"
install -D -m 0644 packaging/completion/sentinella "$agent/usr/share/bash-completion/completions/sentinella"
install -d "$agent/etc/sentinella/plugins"
mkdir -p "$agent/DEBIAN" && echo /etc/logrotate.d/sentinella >"$agent/DEBIAN/conffiles"

install -D -m 0755 -s build/release/bin/sentinella-server "$server/usr/bin/sentinella-server"
install -D -m 0644 packaging/systemd/sentinella-server.service "$server/lib/systemd/system/sentinella-server.service"
install -D -m 0644 packaging/man/sentinella-server.8 "$server/usr/share/man/man8/sentinella-server.8"
install -d "$server/etc/sentinella" "$server/usr/share/sentinella"
build/release/bin/sentinella-server config-sample >"$server/etc/sentinella/server.conf"
cp -r ui/dist "$server/usr/share/sentinella/ui"
mkdir -p "$server/DEBIAN" && echo /etc/sentinella/server.conf >"$server/DEBIAN/conffiles"

finish sentinella "agent of Sentinella, OpenStack monitoring" build/release/bin/sentinella
finish sentinella-server "server of Sentinella, OpenStack monitoring" build/release/bin/sentinella-server
ls -l "$out"
