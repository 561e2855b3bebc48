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

# `ask EXPRESSION`: of the sidecar's health `h` and its HTTP status, by its socket; exit status 1 if it is false.
ask() {
    sidecar python3 -c '
import http.client, json, socket, sys
asked = http.client.HTTPConnection("localhost")
asked.sock = socket.socket(socket.AF_UNIX)
asked.sock.connect("/run/sidecar/sidecar.sock")
asked.request("GET", "/health")
answer = asked.getresponse()
status, h = answer.status, json.load(answer)
said = eval(sys.argv[1])
print(said)
sys.exit(not said)' "$1"
}

# How many events the store has, by its own file.
stored() {
    sidecar event-explorer verify /store/shop.events --cache /tmp/verified --json |
        "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["size"])'
}

# What is checked. `set -e` does not hold in here, so each step is tied to the next.

is_healthy() {
    until_so 60 ask 'status == 200 and h["head"] > 0' >/dev/null && ask 'h["state"]'
}

follows() {
    first=$(ask 'h["head"]') &&
        until_so 60 ask "h['head'] > $first and h['behind'] == 0" >/dev/null &&
        ask "'from $first events to ' + str(h['head'])"
}

keeps_out() {
    before=$(stored)
    ! sidecar touch /store/new &&
        ! sidecar rm /store/shop.events &&
        ! sidecar sh -c 'printf x >>/store/shop.events' &&
        ! sidecar event-explorer demo /store/shop.events --events 1 --cache /tmp/other &&
        ! sidecar touch /opt/event-explorer/new &&
        [ "$(stored)" -ge "$before" ]
}

backs_up() {
    until_so 60 ask 'h["backup"] and not h["backup_error"]' >/dev/null &&
        name=$(ask 'h["backup"]["name"]') &&
        sidecar event-explorer verify "/backups/$name" --cache /tmp/backup >/dev/null &&
        ask '"{events} events, {size} bytes".format(**h["backup"])'
}

survives() {
    podman kill shop-application >/dev/null &&
        [ "$(podman container inspect shop-application --format '{{.State.Running}}')" = false ] &&
        until_so 30 ask "status == 200 and h['behind'] == 0 and h['head'] == $(stored)" >/dev/null &&
        ask 'h["state"] + ", at all " + str(h["head"]) + " events, behind " + str(h["behind"])'
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
