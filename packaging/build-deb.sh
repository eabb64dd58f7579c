#!/bin/sh
# packaging/build-deb.sh [--build FOLDER]: builds the Debian package from a clean checkout into build/deb/, and beside it what it is
# made of (an SBOM, SPDX 2.3). Built twice from one commit on one Debian, both are the same bytes. Installs what it needs.
# --build FOLDER: packages that build of this source (prefix /usr) instead of building: for tests.
# Exit status: 0, or 1 and the end of the log (build/deb/build.log).
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=packaging/packages.sh
. packaging/packages.sh

built=
case "${1:-}" in
  --build)
    built=$(cd "$2" && pwd)
    ;;
  '') ;;
  *)
    echo "usage: packaging/build-deb.sh [--build FOLDER]" >&2
    exit 2
    ;;
esac

packaging/install-deps.sh
install_packages debhelper python3

# The version is CMake's. Until CHANGELOG.md gives it a date, it is older than that, and a later commit's is newer.
version=$(sed -n 's/^project(suppressd VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
if grep -q "^## $version, not released yet" CHANGELOG.md; then
  version=$version~git$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d.%H%M%S).$(git rev-parse --short=8 HEAD)
fi

out=$PWD/build/deb
tree=$out/suppressd-$version
rm -rf "$out"
mkdir -p "$tree"
git ls-files -z --cached | xargs -0 cp --parents -p -t "$tree"
cp -r packaging/debian "$tree/debian"
cat >"$tree/debian/changelog" <<END
suppressd ($version) unstable; urgency=medium

  * What has changed is in changelog.gz.

 -- The suppressd developers <suppressd@users.noreply.github.com>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END

cd "$tree"
if ! SUPPRESSD_BUILD=$built dpkg-buildpackage --build=binary --no-sign --no-pre-clean >"$out/build.log" 2>&1; then
  tail -n 40 "$out/build.log" >&2
  exit 1
fi
cd "$out"
package=$(echo suppressd_"$version"_*.deb)
python3 -B ../../packaging/sbom.py "$package" >"${package%.deb}.spdx.json"
cd ../..
rm -rf "$tree"
give_back build
echo "build/deb/$package"
