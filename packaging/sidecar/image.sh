#!/bin/sh
# Builds the image event-explorer from this folder's source: `image.sh [BASE]`, where BASE is an image with Python 3.11.
set -eu
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
ROOT=$(CDPATH='' cd -- "$HERE/../.." && pwd)
PYTHON=${PYTHON:-python3}

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONSTRAINT="$ROOT/packaging/constraints.txt"
"$PYTHON" -m pip wheel -qq --no-deps -w "$context/wheels" "$ROOT"
"$PYTHON" -m pip download -qq --no-deps --only-binary :all: --python-version 3.11 -d "$context/wheels" \
    -r "$HERE/requirements.txt"
cp "$HERE/Containerfile" "$context"
podman build -q --layers=false -t localhost/event-explorer ${1:+--build-arg "BASE=$1"} "$context"
