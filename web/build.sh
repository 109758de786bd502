#!/usr/bin/env bash
# Builds the report page into $FATHOM_WEB_OUT/index.html (default: web/dist). Called by CMake.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# npm writes node_modules/.package-lock.json last: an interrupted installation is done again.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
node_modules/.bin/tsc --noEmit
node_modules/.bin/vite build --outDir "${FATHOM_WEB_OUT:-dist}"
