"""Checks an audit bundle of Event Explorer: with Python's standard library alone, offline, without Event Explorer.

    python3 verify.py [BUNDLE] [--key VKEY] [--checkpoint FILE]

BUNDLE is the zip, or the folder it was unpacked to (default: where this file lies). VKEY is the public key as you were
told it by another way than this bundle, FILE a checkpoint of the same log that you have kept since earlier.
Exit status: 0 all holds, 1 something was tampered with, 2 it cannot be told (not a bundle, or a wrong use).

Specifications: RFC 9162 (Merkle tree, proofs), RFC 8032 (Ed25519), c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

# Ed25519, checked as RFC 8032 has it; encodings that are not the shortest and keys of small order are refused.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)

def point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(number, p):
    result = (0, 1, 1, 0)
    while number:
        result = add(result, p) if number & 1 else result
        p, number = add(p, p), number >> 1
    return result

def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def is_signature(public, message, signature):
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L or same(times(8, a), (0, 1, 1, 0)):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same(times(s, BASE), add(r, times(k, a)))

# Merkle trees.

def sha(data): return hashlib.sha256(data).digest()

def root_of(hashes):
    while len(hashes) > 1:
        above = [sha(b"\x01" + left + right) for left, right in zip(hashes[::2], hashes[1::2])]
        hashes = above + hashes[2 * len(above):]
    return hashes[0] if hashes else sha(b"")

def climb(number, last, old, new, steps):
    """RFC 9162 §2.1.3.2, §2.1.4.2: the roots that the steps lead to, and whether they are as many as there must be."""
    for step in steps:
        if last == 0 or len(step) != 32:
            return old, new, False
        if number & 1 or number == last:
            old, new = sha(b"\x01" + step + old), sha(b"\x01" + step + new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = sha(b"\x01" + new + step)
        number, last = number >> 1, last >> 1
    return old, new, last == 0

def is_included(index, size, leaf, proof, root):
    return 0 <= index < size and climb(index, size - 1, leaf, leaf, proof)[1:] == (root, True)

def is_continued(first, second, old, new, proof):
    if not 0 < first <= second:
        return False
    if first == second:
        return old == new and not proof
    steps = [old, *proof] if first & (first - 1) == 0 else proof
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    return bool(proof) and climb(number, last, steps[0], steps[0], steps[1:]) == (old, new, True)

# Signed notes.

class Tampered(Exception): ...
class CannotTell(Exception): ...

def need(holds, otherwise):
    if not holds:
        raise Tampered(otherwise)

def key_of(vkey):
    name, _, rest = vkey.strip().partition("+")
    data = base64.b64decode(rest.partition("+")[2], validate=True)
    id_ = sha(name.encode() + b"\n" + data)[:4]
    if data[:1] != b"\x01" or len(data) != 33 or id_.hex() != rest.partition("+")[0]:
        raise CannotTell("this is no Ed25519 public key of the form name+id+base64: " + vkey.strip()[:100])
    return name, id_, data[1:]

def opened(note, vkey, what):
    """The text of a note, if the key has signed it."""
    name, id_, public = key_of(vkey)
    text, blank, signatures = note.decode().rpartition("\n\n")
    need(blank and signatures.endswith("\n"), what + " is no signed note")
    for line in signatures.split("\n")[:-1]:
        signer, _, encoded = line.removeprefix("— ").partition(" ")
        data = base64.b64decode(encoded, validate=True)
        if line.startswith("— ") and (signer, data[:4]) == (name, id_):
            need(is_signature(public, (text + "\n").encode(), data[4:]), "the signature on " + what + " is false")
            return text + "\n"
    raise Tampered(what + " is not signed by the key " + id_.hex())

def checkpoint_of(text):
    origin, size, encoded = text.split("\n")[:3]
    need(size.isdigit() and str(int(size)) == size, "the checkpoint's size is no number")
    root = base64.b64decode(encoded, validate=True)
    need(len(root) == 32, "the checkpoint's root is no hash")
    return origin, int(size), root

# The bundle.

def files_of(path):
    """Name and content of each file of a zip or a folder."""
    if not path.is_file():
        return {entry.name: entry.read_bytes() for entry in path.iterdir()}
    with zipfile.ZipFile(path) as bundle:
        names = bundle.namelist()
        need(len(names) == len(set(names)), "the bundle has two files of one name")
        return {name: bundle.read(name) for name in names}

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)

def seen(text):
    """As the report shows a text of which something would not be seen; blanks are not compared."""
    def picture(found):
        code = ord(found[0])
        return chr(0x2400 + code) if code < 32 else "␡" if code == 127 else f"⟨U+{code:04X}⟩"
    return "".join(HIDDEN.sub(picture, text).split())

class Page(HTMLParser):
    """Of each event in the report's tables: day, position, time, type, stream, version, actor and reason, as seen."""
    rows, cell, kind, day, is_in = None, -1, "", "", False

    def handle_starttag(self, tag, attrs):
        kind = dict(attrs).get("class") or ""
        self.is_in = kind == "events" if tag == "table" else self.is_in
        self.kind = kind if tag in {"span", "h3"} else self.kind
        if tag == "tr" and self.is_in:
            self.rows.append([])
            self.cell = 4 if kind == "small" else -1
        self.cell += tag == "td"

    def handle_endtag(self, tag):
        self.kind = "" if tag in {"span", "h3"} else self.kind
        self.is_in = self.is_in and tag != "table"

    def handle_data(self, data):
        if self.kind == "day":
            self.day = data
        elif self.is_in and 0 <= self.cell < 4 and self.kind != "summary":
            self.rows[-1] += [data] if self.rows[-1] else [self.day, data]

def check_page(files, events):
    """That the report's tables show these very events, in this order, and no others."""
    page, Page.rows = Page(), []
    page.feed(files["report.html"].decode())
    rows = ["".join("".join(row).split()) for row in page.rows if row]
    need(len(rows) == len(events), f"the report shows {len(rows)} events, the bundle has {len(events)}")
    for row, event in zip(rows, events):
        at = datetime(1970, 1, 1) + timedelta(microseconds=event["occurred_at"])
        day = f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"
        where = f"{event['stream']} · version {event['version']:,}"
        told = [day, f"{event['position']:,}{at:%H:%M:%S.%f}", event["type"], where, event["actor"], event["reason"]]
        need(row == "".join(map(seen, told)), f"the report does not show event {event['position']:,} as it is")

def check_events(files, manifest, size, root):
    """That every event is in the signed log: all leaves, or each with its proof."""
    lines = files["events.jsonl"].split(b"\n")[:-1]
    events, leaves = [json.loads(line) for line in lines], [sha(b"\x00" + line) for line in lines]
    need(len(events) == manifest["events"], "the manifest tells another number of events")
    positions = [event["position"] for event in events]
    if manifest["is_whole_log"]:
        need(positions == list(range(1, size + 1)), "events are missing")
        need(root_of(leaves) == root, "the events do not lead to the signed root")
        return events
    need(positions == sorted(set(positions)), "the events are not in order")
    proofs = [json.loads(line)["proof"] for line in files["proofs.jsonl"].split(b"\n")[:-1]]
    need(len(proofs) == len(events), "not every event has a proof")
    for position, leaf, proof in zip(positions, leaves, proofs):
        steps = [base64.b64decode(step, validate=True) for step in proof]
        is_in = 0 < position <= size and climb(position - 1, size - 1, leaf, leaf, steps)[1:] == (root, True)
        need(is_in, f"event {position} is not in the signed log")
    return events

def check_continuation(files, size, root, kept):
    """That the log continues the earlier checkpoint of the bundle, which is the one that the auditor has kept."""
    if "checkpoint-before" not in files:
        if kept:
            raise CannotTell("the bundle was made without --since: it does not speak of an earlier checkpoint")
        return None
    earlier = checkpoint_of(files["checkpoint-before"].decode())
    if kept and checkpoint_of(kept.read_text("utf-8")) != earlier:
        raise CannotTell("the bundle's earlier checkpoint is not the one you have kept")
    steps = [base64.b64decode(step, validate=True) for step in json.loads(files["consistency.json"])["proof"]]
    need(is_continued(earlier[1], size, earlier[2], root, steps), "the log does not continue the earlier checkpoint")
    return earlier

def check(path, key, kept):
    files = files_of(path)
    if "manifest.json" not in files:
        raise CannotTell(f"{path} is no audit bundle: it has no manifest.json")
    manifest = json.loads(files["manifest.json"])
    others = {*files} - {*manifest["files"], "manifest.json", "manifest.sig"}
    need(path.is_dir() or not others, f"the manifest does not list {sorted(others)[:1]}")
    for name, told in sorted(manifest["files"].items()):
        need(name in files and sha(files[name]).hex() == told, f"{name} is not the file that the manifest lists")
    own = files["key.txt"].decode().strip()
    vkey = key or own
    need(key_of(vkey) == key_of(own), "the bundle was signed by another key than yours")
    origin, size, root = checkpoint_of(opened(files["checkpoint"], vkey, "the checkpoint"))
    need(origin == key_of(vkey)[0], "the checkpoint is of another log")
    told = f"event-explorer bundle manifest\n{origin}\n{sha(files['manifest.json']).hex()}\n"
    need(opened(files["manifest.sig"], vkey, "the manifest") == told, "the manifest is not the one that was signed")
    events = check_events(files, manifest, size, root)
    check_page(files, events)
    return manifest, vkey, size, events, check_continuation(files, size, root, kept)

def main():
    parser = argparse.ArgumentParser(description="Checks an audit bundle, offline.")
    parser.add_argument("bundle", type=Path, nargs="?", default=Path(__file__).parent)
    parser.add_argument("--key", metavar="VKEY", help="the public key as you were told it by another way")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="an earlier checkpoint that you have kept")
    options = parser.parse_args()
    try:
        manifest, vkey, size, events, earlier = check(options.bundle, options.key, options.checkpoint)
    except Tampered as fault:
        print(f"TAMPERED: {fault}.")
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, EOFError) as fault:
        print(f"TAMPERED: a file is not in its form ({type(fault).__name__}: {fault}).")
        return 1
    except (CannotTell, OSError) as fault:
        print(f"CANNOT TELL: {fault}.")
        return 2
    whole = manifest["is_whole_log"]
    print(f"OK: {len(events)} of {size} events are in the signed log, unaltered, and the report shows them so.")
    print("It is the whole log." if whole else f"It is a selection: {manifest['asked']}")
    print(f"Signed by {vkey}")
    if earlier:
        print(f"The log continues the earlier checkpoint of {earlier[1]} events.")
    print("Not checked:")
    for is_checked, what in (
        (options.key, "that this is the right key: compare it with the one you were told, or give it with --key"),
        (options.checkpoint, "that this is the log you saw before: keep the file checkpoint for --checkpoint"),
        (whole, "that the selection leaves nothing out: only a bundle of the whole log can show that"),
        (None, "states, summaries, totals and charts: the program's reading of the events, signed with the manifest"),
        (None, "that the events are true, and that the clock was right"),
    ):
        if not is_checked:
            print("-", what)
    return 0

if __name__ == "__main__":
    sys.exit(main())
