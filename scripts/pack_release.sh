#!/usr/bin/env bash
# Pack the site of a release, the same bytes each time, with its checksum beside it.
#
#     scripts/pack_release.sh <site> <version> <folder>
set -euo pipefail
mkdir -p "$3"
tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
  --directory "$1" . | gzip --no-name > "$3/foible-$2.tar.gz"
cd "$3"
sha256sum "foible-$2.tar.gz" > "foible-$2.tar.gz.sha256"
