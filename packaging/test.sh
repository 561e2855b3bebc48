#!/bin/sh
# Sets up what is missing and runs the checks: everything, or `quick` without the wheel, the further GUI runs and the
# benchmarks, or `faults`, the long ones (kills, power failures, full disks, races), which end with a table, and all of
# the GUI with a sidecar beside each window; or measures: `bench`, whose further arguments are those of
# `python -m tests.benchmarks`.
set -eu
# shellcheck source=packaging/setup.sh
. "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/setup.sh"
# The shim that makes disks fail is compiled: without a compiler its tests are skipped.
NEEDED="xvfb-run:xvfb xauth:xauth cc:gcc cc:libc6-dev $QT"
GROUPS_=dev

what=${1:-all}
[ $# -eq 0 ] || shift
case $what in
    all | bench) GROUPS_='dev bench' ;;
    quick) ;;
    faults) GROUPS_='dev faults' ;;
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

# What commands, lists and whole windows show is the same with a sidecar beside each window (see tests/gui/beside.py).
beside() {
    step env EVENT_EXPLORER_BESIDE=1 QT_QPA_PLATFORM=offscreen pytest -q -n 2 "$@"
}

bench() {
    step env QT_QPA_PLATFORM=offscreen python -m tests.benchmarks "$@"
}

case $what in
    bench) bench "$@" ;;
    # A minute is nothing here: no stacks of tests that are still running.
    faults)
        beside tests/gui
        offscreen -m faults -o faulthandler_timeout=0
        ;;
    *)
        step ruff format --check .
        step ruff check .
        step pyright
        step lint-imports --no-cache
        if [ "$what" = quick ]; then
            offscreen -n 2 -m 'not wheel and not faults'
        else
            step xvfb-run -a env QT_QPA_PLATFORM=xcb pytest -q tests/gui
            offscreen -n 2 -m 'not faults'
            # Who appends, is told of what others appended, or reads lists while they are written; the rest of the panels
            # draws the same answers, and is left to `faults`.
            (cd tests/gui && beside test_main_window.py test_trust.py test_worker.py panels/test_cart_editor.py \
                panels/test_conflict_strip.py panels/test_cart_list.py panels/test_event_list.py \
                panels/test_product_list.py)
            bench --events 100000 --samples 50 --generous
        fi
        ;;
esac
