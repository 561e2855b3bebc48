#!/bin/sh
# Sets up what is missing and runs the checks. `sh packaging/test.sh quick` leaves out the wheel and the second GUI run.
set -eu
. "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/setup.sh"
SYSTEM="python3 python3-venv xvfb xauth $QT"
GROUPS_=dev

what=${1:-all}
case $what in
    all | quick) ;;
    bench | faults) fail "there is no '$what' run yet." ;;
    *)
        echo 'usage: sh packaging/test.sh [quick]' >&2
        exit 2
        ;;
esac

install_system_packages
make_environment
cd "$ROOT"
PATH="$VENV/bin:$PATH"
export PATH

step() {
    printf '\n== %s\n' "$*"
    "$@"
}

step ruff format --check .
step ruff check .
step pyright
step lint-imports --no-cache
if [ "$what" = quick ]; then
    step env QT_QPA_PLATFORM=offscreen pytest -q -n 2 -m 'not wheel'
else
    step xvfb-run -a env QT_QPA_PLATFORM=xcb pytest -q tests/gui
    step env QT_QPA_PLATFORM=offscreen pytest -q -n 2
fi
