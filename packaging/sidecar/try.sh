#!/bin/sh
# Builds the image, runs pod.yaml for real, and sees whether it does what it says. Exit status 0 if all of it holds.
#
# `try.sh [BASE]`: BASE is an image with Python 3.11, as for image.sh. `try.sh --debootstrap`, as root, makes one from
# Debian's packages, where no registry of images can be reached. Everything it makes is removed in the end.
# shellcheck disable=SC2317 # what is checked is reached through `check`
set -eu
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
BASE=${1:-}
PYTHON=${PYTHON:-python3}
export PYTHON
# Podman looks for it from several folders.
case ${CONTAINERS_CONF:-/} in /*) ;; *) export CONTAINERS_CONF="$PWD/$CONTAINERS_CONF" ;; esac
work=$(mktemp -d)
failed=0

cleanup() {
    [ "$failed" -eq 0 ] || for one in application sidecar; do
        printf '\n== the last of shop-%s\n' "$one"
        podman logs --tail 20 "shop-$one" 2>&1 || true
    done
    podman kube down "$work/pod.yaml" || true
    podman volume rm -f shop-store shop-cache shop-backups || true
    podman rmi -f localhost/event-explorer localhost/event-explorer-base || true
    rm -rf "$work"
} >&2

debian() {
    debootstrap --variant=minbase --include=python3,python3-venv bookworm "$work/debian" >"$work/debootstrap" ||
        { tail "$work/debootstrap" >&2; return 1; }
    tar -C "$work/debian" -c . | podman import -q - localhost/event-explorer-base >/dev/null
    rm -rf "$work/debian"
}

# `check WORDS COMMAND…`: a line of the table.
check() {
    what=$1
    shift
    if said=$("$@" 2>&1); then
        printf 'holds  %s%s\n' "$what" "${said:+: $(printf '%s\n' "$said" | tail -n 1)}"
    else
        failed=1
        printf 'FAILS  %s: %s\n' "$what" "$said"
    fi
}

# `until_so SECONDS COMMAND…`: asks twice a second until it is so.
until_so() {
    tries=$(($1 * 2))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.5
    done
}

sidecar() {
    podman exec shop-sidecar "$@"
}

# `ask PATH EXPRESSION`: what is true of the sidecar's answer `a`, with its HTTP status, asked for by its socket; exit
# status 1 if it is false.
ask() {
    sidecar python3 -c '
import http.client, json, socket, sys
asked = http.client.HTTPConnection("localhost")
asked.sock = socket.socket(socket.AF_UNIX)
asked.sock.connect("/run/sidecar/sidecar.sock")
asked.request("GET", sys.argv[1])
answer = asked.getresponse()
status, a = answer.status, answer.read().decode()
a = json.loads(a) if sys.argv[1] == "/health" else a
said = eval(sys.argv[2])
print(said)
sys.exit(not said)' "$@"
}

health() {
    ask /health "$1"
}

# How many events the store has, by its own file.
stored() {
    sidecar event-explorer verify /store/shop.events --cache /tmp/verified --json |
        "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["events"])'
}

# What is checked. `set -e` does not hold in here, so each step is tied to the next.

is_healthy() {
    until_so 60 health 'status == 200 and a["head"] > 0' >/dev/null &&
        ask /metrics 'status == 200 and "event_explorer" in a' >/dev/null &&
        health 'a["state"]'
}

follows() {
    first=$(health 'a["head"]') &&
        until_so 60 health "a['head'] > $first and a['behind'] == 0" >/dev/null &&
        health "'from $first events to ' + str(a['head'])"
}

# `refused WORDS COMMAND…`: whether a command fails, and that for this reason.
refused() {
    words=$1
    shift
    if told=$("$@" 2>&1); then
        echo "let through: $*"
        return 1
    fi
    case $told in
        *"$words"*) ;;
        *) echo "$*: $told" && return 1 ;;
    esac
}

keeps_out() {
    # Two locks: the store is another user's, and even to him it is read-only here.
    refused 'Permission denied' sidecar sh -c 'printf x >>/store/shop.events' &&
        refused 'Read-only file system' podman exec --user 10001 shop-sidecar sh -c 'printf x >>/store/shop.events' &&
        refused 'Read-only file system' sidecar touch /store/new &&
        refused 'Read-only file system' sidecar touch /opt/event-explorer/new &&
        refused 'readonly database' sidecar python3 -c 'import pysqlite3
pysqlite3.connect("file:/store/shop.events?mode=rw", uri=True).execute("UPDATE head SET size = 0")' &&
        refused 'open for reading only' sidecar event-explorer demo /store/shop.events --events 1 --cache /tmp/other
}

# One an hour is kept: the next may take its place meanwhile.
newest_verifies() {
    name=$(health 'a["backup"]["name"]') &&
        sidecar event-explorer verify "/backups/$name" --cache /tmp/backup
}

backs_up() {
    until_so 60 health 'a["backup"] and not a["backup_error"]' >/dev/null &&
        until_so 30 newest_verifies &&
        health '"{events} events".format(**a["backup"])'
}

survives() {
    podman kill shop-application >/dev/null &&
        [ "$(podman container inspect shop-application --format '{{.State.Running}}')" = false ] &&
        until_so 30 health "status == 200 and a['behind'] == 0 and a['head'] == $(stored)" >/dev/null &&
        health 'not any(task["restarts"] for task in a["tasks"].values())' >/dev/null &&
        health '"{state}, head {head}, behind {behind}".format(**a)'
}

answers() {
    # --full holds the read models against a fold of all events.
    sidecar event-explorer verify /store/shop.events --cache /cache --full >/dev/null &&
        sidecar event-explorer state /store/shop.events --cache /cache --at "$(stored)" --json >"$work/state" &&
        "$PYTHON" -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["carts"]), "carts")' "$work/state"
}

ends() {
    podman kill --signal TERM shop-sidecar >/dev/null &&
        status=$(timeout 30 podman wait shop-sidecar) &&
        echo "status $status" &&
        [ "$status" = 0 ]
}

trap cleanup EXIT
if [ "$BASE" = --debootstrap ]; then
    debian
    BASE=localhost/event-explorer-base
fi
sh "$HERE/image.sh" "$BASE" >/dev/null
# A backup each hour would be long to wait for.
sed 's/--backup-every=3600/--backup-every=2/' "$HERE/pod.yaml" >"$work/pod.yaml"
podman kube play --network none "$work/pod.yaml" >/dev/null

check 'the sidecar is healthy' is_healthy
check 'it follows what the application appends' follows
check 'it cannot write to the store' keeps_out
check 'a backup appears, and verifies' backs_up
check 'the application is killed, the sidecar is well' survives
check 'the read models answer, and are what the events fold to' answers
check 'SIGTERM ends it' ends
exit "$failed"
