#!/bin/sh
# Installs what building suppressd and its unit tests needs on Debian 12, and nothing else. Quiet, and idle when all of it is there.
# What only the tests against real MTAs need is installed by tests/run.sh and packaging/demo.sh (see packaging/packages.sh).
set -eu
# shellcheck source=packaging/packages.sh
. "$(dirname "$0")/packages.sh"

install_packages \
  build-essential cmake ninja-build pkg-config \
  libmilter-dev libspdlog-dev libsqlite3-dev libcli11-dev \
  libre2-dev libidn2-dev libpsl-dev libssl-dev libcctz-dev \
  libtomlplusplus-dev nlohmann-json3-dev libsystemd-dev libarchive-dev zlib1g-dev libgmime-3.0-dev \
  libgtest-dev libbenchmark-dev
