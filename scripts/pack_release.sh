#!/usr/bin/env bash
# Pack the site of a release, the same bytes each time, with its list of packages beside
# it, and a checksum of both.
#
#     scripts/pack_release.sh <site> <version> <folder> <list of packages>
set -euo pipefail
mkdir -p "$3"
tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
  --directory "$1" . | gzip --no-name > "$3/foible-$2.tar.gz"
cp "$4" "$3/foible-$2.cdx.json"
cd "$3"
for file in "foible-$2.tar.gz" "foible-$2.cdx.json"; do
  sha256sum "$file" > "$file.sha256"
done
