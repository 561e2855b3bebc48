# Read by run.sh and test.sh. Makes .venv with the pinned packages, and adds the system's libraries where it may.
# Callers set NEEDED (what the machine must have) and GROUPS_ (dependency groups to install, the smaller first, or nothing).
# shellcheck shell=sh

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
VENV="$ROOT/.venv"
PYTHON_MIN='3, 11'

# What Qt opens to draw on X11, on Wayland or into memory, and the Debian package that has it. Found by file and not by
# package name, because newer Debians rename packages. A font comes with libfontconfig1.
# shellcheck disable=SC2034 # read by the callers
QT='libEGL.so.1:libegl1 libGL.so.1:libgl1 libdbus-1.so.3:libdbus-1-3 libfontconfig.so.1:libfontconfig1
libglib-2.0.so.0:libglib2.0-0 libwayland-cursor.so.0:libwayland-cursor0 libX11-xcb.so.1:libx11-xcb1
libxkbcommon-x11.so.0:libxkbcommon-x11-0 libxcb-cursor.so.0:libxcb-cursor0 libxcb-glx.so.0:libxcb-glx0
libxcb-icccm.so.4:libxcb-icccm4 libxcb-image.so.0:libxcb-image0 libxcb-keysyms.so.1:libxcb-keysyms1
libxcb-randr.so.0:libxcb-randr0 libxcb-render-util.so.0:libxcb-render-util0 libxcb-shape.so.0:libxcb-shape0
libxcb-shm.so.0:libxcb-shm0 libxcb-sync.so.1:libxcb-sync1 libxcb-xfixes.so.0:libxcb-xfixes0 libxcb-xkb.so.1:libxcb-xkb1'

fail() {
    printf 'event-explorer: %s\n' "$*" >&2
    exit 1
}

quietly() {
    said=$("$@" 2>&1) || {
        printf '%s\n' "$said" | tail -n 20 >&2
        return 1
    }
}

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < ($PYTHON_MIN))" 2>/dev/null; then
            echo "$python"
            return 0
        fi
    done
    return 1
}

missing_packages() {
    find_python >/dev/null || printf ' python3 python3-venv'
    libraries=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null)
    for need in $NEEDED; do
        case $need in
            *.so.*) case $libraries in *"${need%:*} "*) continue ;; esac ;;
            *) ! command -v "${need%:*}" >/dev/null 2>&1 || continue ;;
        esac
        printf ' %s' "${need#*:}"
    done
}

install_system_packages() {
    [ "$(uname -s)" = Linux ] || return 0
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    sudo=
    if ! command -v apt-get >/dev/null 2>&1; then
        printf 'event-explorer: these are missing (by their Debian names):%s\n' "$missing" >&2
        return 0
    elif [ "$(id -u)" -ne 0 ]; then
        sudo='sudo -n'
        if ! $sudo true 2>/dev/null; then
            printf 'event-explorer: system packages are missing. Install them, then start again:\n  sudo apt-get install%s\n' \
                "$missing" >&2
            return 0
        fi
    fi
    printf 'Installing system packages:%s\n' "$missing"
    # shellcheck disable=SC2086 # words are meant
    { quietly $sudo apt-get update -qq &&
        quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } ||
        fail "the system packages could not be installed; is there a network? Missing:$missing"
}

# The stamp says for which folder, pins and groups .venv was made. It is written last, so that an interrupted set-up is begun
# again, and a folder that was copied or moved gets an environment of its own.
make_environment() {
    stamp="$VENV/.installed"
    installed=$(cat "$stamp" 2>/dev/null) || installed=
    wanted="$ROOT $(cat "$ROOT/pyproject.toml" "$ROOT/packaging/constraints.txt" | cksum)${GROUPS_:+ $GROUPS_}"
    if [ -x "$VENV/bin/python" ]; then
        case $installed in "$wanted"*) return 0 ;; esac
    fi
    python=$(find_python) || fail 'Python 3.11 or newer with venv is needed; install python3 and python3-venv and start again.'
    echo 'Setting up .venv (this takes a minute the first time)…'
    case $installed in "$ROOT "*) clear= ;; *) clear=--clear ;; esac
    rm -f "$stamp"
    # shellcheck disable=SC2086 # nothing or one word
    quietly "$python" -m venv $clear "$VENV" || fail 'the virtual environment could not be made; see above.'
    groups=
    for group in $GROUPS_; do groups="$groups --group $group"; done
    # shellcheck disable=SC2086 # words are meant
    (
        cd "$ROOT"
        export PIP_DISABLE_PIP_VERSION_CHECK=1
        quietly "$VENV/bin/python" -m pip install -q -c packaging/constraints.txt --upgrade pip &&
            quietly "$VENV/bin/python" -m pip install -q -c packaging/constraints.txt -e . $groups
    ) || fail 'the Python packages could not be installed; is there a network?'
    printf '%s\n' "$wanted" >"$stamp"
}
