#!/bin/sh
# Sets up what is missing and runs the checks: everything, or `quick` without the wheel and the second GUI run, or `bench`, or `faults`.
set -eu
# shellcheck source=packaging/setup.sh
. "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/setup.sh"
NEEDED="xvfb-run:xvfb xauth:xauth $QT"
GROUPS_=dev

not_yet() {
    echo "event-explorer: $1 not built yet." >&2
    exit 2
}

what=${1:-all}
case $what in
    all | quick) ;;
    bench)
        [ -d "$ROOT/tests/benchmarks" ] || not_yet 'the benchmarks are'
        GROUPS_='dev bench'
        ;;
    faults) grep -rqs --include='*.py' 'mark\.faults' "$ROOT/tests" || not_yet 'the fault tests are' ;;
    *)
        echo 'usage: sh packaging/test.sh [quick | bench | faults]' >&2
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

offscreen() {
    step env QT_QPA_PLATFORM=offscreen pytest -q "$@"
}

case $what in
    bench) offscreen tests/benchmarks ;;
    faults) offscreen -m faults ;;
    *)
        step ruff format --check .
        step ruff check .
        step pyright
        step lint-imports --no-cache
        if [ "$what" = quick ]; then
            offscreen -n 2 --ignore tests/benchmarks -m 'not wheel and not faults'
        else
            step xvfb-run -a env QT_QPA_PLATFORM=xcb pytest -q tests/gui
            offscreen -n 2 --ignore tests/benchmarks
        fi
        ;;
esac
