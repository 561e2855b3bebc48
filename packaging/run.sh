#!/bin/sh
# Sets up what is missing and starts the window; without a screen it does the tour. Arguments go to event-explorer.
set -eu
# shellcheck source=packaging/setup.sh
. "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/setup.sh"
NEEDED=$QT
GROUPS_=

install_system_packages
make_environment
if [ $# -eq 0 ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    pictures="${XDG_CACHE_HOME:-$HOME/.cache}/event-explorer/tour"
    echo 'There is no screen here, so this is the tour: the real window, drawn into memory.'
    QT_QPA_PLATFORM=offscreen "$VENV/bin/event-explorer" tour "$pictures"
    echo "The pictures and the audit report are in $pictures"
    exit 0
fi
exec "$VENV/bin/event-explorer" "$@"
