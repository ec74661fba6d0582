#!/usr/bin/env bash
# Makes build/packages/{sentinella,sentinella-server}_VERSION_ARCH.deb of the programs in build/release/bin and ui/dist.
# `./dev package` builds those first and then comes here.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. packaging/stage.sh
arch=$(dpkg --print-architecture)
out=build/packages
mkdir -p "$out"
rm -f "$out"/*.deb

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

# NAME: the control file and scripts of a staged package, then the package.
finish() {
  local name=$1 stage=$out/stage/$1
  mkdir -p "$stage/DEBIAN"
  config_files_of "$name" >"$stage/DEBIAN/conffiles"
  cat >"$stage/DEBIAN/control" <<EOF
Package: $name
Version: $version
Architecture: $arch
Maintainer: Sentinella <maintainers@sentinella.invalid>
Section: admin
Priority: optional
Depends: adduser, ca-certificates, $(depends_of "build/release/bin/$name")
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f1)
Description: $(summary_of "$name")
EOF
  # Each program runs as a user of its package's name.
  for script in postinst prerm postrm; do
    sed "s/PACKAGE/$name/g; s/USER/$name/g" "packaging/scripts/$script" >"$stage/DEBIAN/$script"
    chmod 0755 "$stage/DEBIAN/$script"
  done
  dpkg-deb --root-owner-group -Zxz --build "$stage" "$out/${name}_${version}_$arch.deb" >/dev/null
}

rm -rf "$out/stage"
stage_agent "$out/stage/sentinella"
stage_server "$out/stage/sentinella-server"
finish sentinella
finish sentinella-server
rm -rf "$out/stage"
ls -l "$out"/*.deb
