#!/usr/bin/env bash
# Makes build/packages/repository: what apt and yum need to install the packages of build/packages from a web server,
# signed when SENTINELLA_SIGNING_KEY names a key of gpg's (its public half is put beside them).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. packaging/stage.sh
out=build/packages/repository
rm -rf "$out" && mkdir -p "$out/apt" "$out/yum"

sign() { gpg --batch --yes --armor --local-user "$SENTINELLA_SIGNING_KEY" "$@"; }

if compgen -G 'build/packages/*.deb' >/dev/null; then
  cp build/packages/*.deb "$out/apt"
  (
    cd "$out/apt"
    apt-ftparchive packages . >Packages
    gzip -9nk Packages
    apt-ftparchive -o APT::FTPArchive::Release::Origin=Sentinella -o APT::FTPArchive::Release::Suite=stable release . >Release
    if [[ -n ${SENTINELLA_SIGNING_KEY:-} ]]; then
      sign --clearsign --output InRelease Release
      sign --detach-sign --output Release.gpg Release
    fi
  )
fi
if compgen -G 'build/packages/*.rpm' >/dev/null; then
  cp build/packages/*.rpm "$out/yum"
  touch -d "@$SOURCE_DATE_EPOCH" "$out"/yum/*.rpm
  createrepo_c --quiet --revision "$SOURCE_DATE_EPOCH" --set-timestamp-to-revision "$out/yum"
  if [[ -n ${SENTINELLA_SIGNING_KEY:-} ]]; then
    sign --detach-sign --output "$out/yum/repodata/repomd.xml.asc" "$out/yum/repodata/repomd.xml"
  fi
fi
if [[ -n ${SENTINELLA_SIGNING_KEY:-} ]]; then
  gpg --batch --yes --armor --export "$SENTINELLA_SIGNING_KEY" >"$out/sentinella.asc"
else
  echo "the repository is not signed: SENTINELLA_SIGNING_KEY names no key" >&2
fi
find "$out" -type f | sort
