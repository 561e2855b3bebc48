#!/bin/sh
# Sets up what is missing and runs the checks: everything, or `quick` without the wheel, the second GUI run and the
# benchmarks, or `faults`; or measures: `bench`, whose further arguments are those of `python -m tests.benchmarks`.
set -eu
# shellcheck source=packaging/setup.sh
. "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/setup.sh"
NEEDED="xvfb-run:xvfb xauth:xauth $QT"
GROUPS_=dev

what=${1:-all}
[ $# -eq 0 ] || shift
case $what in
    all | bench) GROUPS_='dev bench' ;;
    quick) ;;
    faults)
        if ! grep -rqs --include='*.py' 'mark\.faults' "$ROOT/tests"; then
            echo 'event-explorer: the fault tests are not built yet.' >&2
            exit 2
        fi
        ;;
    *)
        echo 'usage: sh packaging/test.sh [quick | bench [--events N] [--json FILE] … | faults]' >&2
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

bench() {
    step env QT_QPA_PLATFORM=offscreen python -m tests.benchmarks "$@"
}

case $what in
    bench) bench "$@" ;;
    faults) offscreen -m faults ;;
    *)
        step ruff format --check .
        step ruff check .
        step pyright
        step lint-imports --no-cache
        if [ "$what" = quick ]; then
            offscreen -n 2 -m 'not wheel and not faults'
        else
            step xvfb-run -a env QT_QPA_PLATFORM=xcb pytest -q tests/gui
            offscreen -n 2
            bench --events 100000 --samples 50 --generous
        fi
        ;;
esac
