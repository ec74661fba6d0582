#!/usr/bin/env bash
# Everything that `./dev package` promises: .deb and .rpm, what they are made of, and the repository around them.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
./build_deb.sh
./build_rpm.sh
./sbom.py
./build_repository.sh
