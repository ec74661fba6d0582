#!/usr/bin/env bash
# Makes build/packages/{sentinella,sentinella-server}-VERSION-1.ARCH.rpm of the programs in build/release/bin and ui/dist.
# What they need is what the programs are linked with: build on the distribution that they are for.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. packaging/stage.sh
out=$PWD/build/packages
mkdir -p "$out"
rm -f "$out"/*.rpm

# NAME: the package of a staged tree.
finish() {
  local name=$1 top=$out/rpm
  mkdir -p "$top" "$out/stage/$name/usr/lib"
  mv "$out/stage/$name/lib/systemd" "$out/stage/$name/usr/lib/systemd"
  rmdir "$out/stage/$name/lib"
  cat >"$top/$name.spec" <<EOF
Name: $name
Version: $version
Release: 1
Summary: $(summary_of "$name")
License: see /usr/share/doc/$name/copyright
Group: Applications/System
BuildRoot: $top/root
Requires(pre): shadow-utils
%define _build_id_links none
%define __os_install_post %{nil}
%define source_date_epoch_from_changelog 0
%define clamp_mtime_to_source_date_epoch 1
%define use_source_date_epoch_as_buildtime 1
%define _buildhost reproducible
%description
$(summary_of "$name")
%install
rm -rf %{buildroot}
mkdir -p %{buildroot}
cp -a $out/stage/$name/. %{buildroot}
%pre
getent group $name >/dev/null || groupadd -r $name
getent passwd $name >/dev/null || useradd -r -g $name -d /nonexistent -s /sbin/nologin $name
%post
if [ -d /run/systemd/system ]; then systemctl daemon-reload; systemctl try-restart $name.service || :; fi
%preun
if [ \$1 = 0 ] && [ -d /run/systemd/system ]; then systemctl --no-reload disable --now $name.service || :; fi
%postun
if [ -d /run/systemd/system ]; then systemctl daemon-reload || :; fi
%files
%defattr(-,root,root)
$(cd "$out/stage/$name" && find . -type f ! -path './etc/*' -printf '/%P\n')
$(cd "$out/stage/$name" && find ./etc -mindepth 1 -type d -printf '%%dir /etc/%P\n' | grep sentinella || true)
$(config_files_of "$name" | sed 's/^/%config(noreplace) /; s/.*server.conf$/%attr(0640,root,sentinella-server) &/')
EOF
  rpmbuild -bb --quiet --define "_topdir $top" --define "_rpmdir $out" --define "_rpmfilename %{NAME}-%{VERSION}-1.%{ARCH}.rpm" \
    --buildroot "$top/root" "$top/$name.spec"
}

rm -rf "$out/stage" "$out/rpm"
stage_agent "$out/stage/sentinella"
stage_server "$out/stage/sentinella-server"
finish sentinella
finish sentinella-server
rm -rf "$out/stage" "$out/rpm"
ls -l "$out"/*.rpm
