#!/usr/bin/env bash
# Put the site of each old release below v/<version>/ of the site that is published.
#
#     scripts/place_releases.sh <folder of foible-<version>.tar.gz and .sha256> <site>
set -euo pipefail
site=$(realpath "$2")
cd "$1"
shopt -s nullglob
for archive in foible-*.tar.gz; do
  sha256sum --check --strict "$archive.sha256"
  version=${archive#foible-}
  folder=$site/v/${version%.tar.gz}
  mkdir -p "$folder"
  tar --extract --gzip --no-same-owner --file "$archive" --directory "$folder"
done
