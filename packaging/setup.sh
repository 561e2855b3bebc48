# Read by run.sh and test.sh. Makes .venv with the pinned packages, and adds the system's libraries where it may.
# Callers set SYSTEM (Debian packages to have) and GROUPS_ (dependency groups to install, or nothing).

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
VENV="$ROOT/.venv"

# What Qt needs to draw on X11 or into memory, and a font to write with.
QT="libegl1 libgl1 libdbus-1-3 libfontconfig1 libglib2.0-0 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 \
libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 \
libxcb-xinerama0 libxcb-xkb1 fonts-dejavu-core"

fail() {
    printf 'event-explorer: %s\n' "$*" >&2
    exit 1
}

install_system_packages() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    missing=
    for package in $SYSTEM; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
            *' installed') ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -eq 0 ]; then
        as_root=env
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root='sudo env'
    else
        printf 'event-explorer: these system packages are missing:%s\nInstall them with: sudo apt-get install%s\n' \
            "$missing" "$missing" >&2
        return 0
    fi
    printf 'Installing system packages:%s\n' "$missing"
    # shellcheck disable=SC2086 # words are meant
    { $as_root DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null ||
        fail "the system packages could not be installed; is there a network? Missing:$missing"
}

find_python() {
    for python in python3 python3.13 python3.12 python3.11; do
        if command -v "$python" >/dev/null 2>&1 &&
            "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$python"
            return 0
        fi
    done
    fail 'Python 3.11 or newer is needed; install python3 and start again.'
}

make_environment() {
    stamp="$VENV/.installed-$(cat "$ROOT/pyproject.toml" "$ROOT/packaging/constraints.txt" | cksum | tr -d ' ')${GROUPS_:+-dev}"
    [ -f "$stamp" ] && [ -x "$VENV/bin/python" ] && return 0
    [ -f "$stamp-dev" ] && [ -x "$VENV/bin/python" ] && return 0
    python=$(find_python)
    echo 'Setting up .venv (this takes a minute the first time)…'
    "$python" -m venv "$VENV" >/dev/null || fail 'the virtual environment could not be made; install python3-venv.'
    pins="$ROOT/packaging/constraints.txt"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade -c "$pins" pip ||
        fail 'pip could not be updated; is there a network?'
    # shellcheck disable=SC2086 # words are meant
    (cd "$ROOT" && "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -c "$pins" -e . \
        ${GROUPS_:+--group $GROUPS_}) || fail 'the Python packages could not be installed; is there a network?'
    rm -f "$VENV"/.installed-*
    : >"$stamp"
}
