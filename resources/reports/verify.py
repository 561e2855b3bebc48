"""Checks an audit bundle of Event Explorer: with Python's standard library alone, offline, without Event Explorer.

    python3 verify.py [BUNDLE] [--key VKEY] [--checkpoint FILE]

BUNDLE is the zip, or the folder it was unpacked to (default: where this file lies). VKEY is the public key as you were
told it by another way than this bundle, FILE a checkpoint of the same log that you have kept since earlier.
Exit status: 0 all holds, 1 something was tampered with, 2 it cannot be told (no bundle, another key, a wrong use).
Python 3.9 or newer.

Specifications: RFC 9162 (Merkle tree, proofs), RFC 8032 (Ed25519), c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

import argparse, base64, hashlib, json, re, struct, sys, zipfile, zlib
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
    if y >= P: return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * ROOT % P if (x * x - square) % P else x
    if (x * x - square) % P or (x == 0 and sign): return None
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
    if len(signature) != 64 or a is None or r is None or s >= L or same(times(8, a), (0, 1, 1, 0)): return False
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
        if last == 0 or len(step) != 32: return old, new, False
        if number & 1 or number == last:
            old, new = sha(b"\x01" + step + old), sha(b"\x01" + step + new)
            while not number & 1 and number: number, last = number >> 1, last >> 1
        else:
            new = sha(b"\x01" + new + step)
        number, last = number >> 1, last >> 1
    return old, new, last == 0
def is_continued(first, second, old, new, proof):
    if not 0 < first <= second: return False
    if first == second: return old == new and not proof
    steps = [old, *proof] if first & (first - 1) == 0 else proof
    number, last = first - 1, second - 1
    while number & 1: number, last = number >> 1, last >> 1
    return bool(proof) and climb(number, last, steps[0], steps[0], steps[1:]) == (old, new, True)

# Signed notes.
class Tampered(Exception): ...
class CannotTell(Exception): ...
def need(holds, otherwise):
    if not holds: raise Tampered(otherwise)
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
    if not path.is_file(): return {entry.name: entry.read_bytes() for entry in path.iterdir() if entry.is_file()}
    if not zipfile.is_zipfile(path): raise CannotTell(f"{path} is no audit bundle: it is no zip")
    with zipfile.ZipFile(path) as bundle, path.open("rb") as file:
        end = 0
        for entry in sorted(bundle.infolist(), key=lambda entry: entry.header_offset):
            need(entry.header_offset == end and entry.create_system == 3, "other programs would read another zip")
            file.seek(end + 26)
            end += 30 + sum(struct.unpack("<HH", file.read(4))) + entry.compress_size
        file.seek(-22, 2)
        need(end == bundle.start_dir and file.read(4) == b"PK\5\6", "other programs would read another zip")
        need(len(bundle.namelist()) == len({*bundle.namelist()}), "the bundle has two files of one name")
        return {name: bundle.read(name) for name in bundle.namelist()}

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff"
                    "\ufff9-\ufffb\U000e0000-\U000e0fff]")
FILES = {"report.html", "events.jsonl", "proofs.jsonl", "checkpoint", "key.txt", "checkpoint-before", "consistency.json", "verify.py"}
TAGS = set("a b body col colgroup dd desc div dl dt figcaption figure footer h1 h2 h3 head header html line meta p polyline "
           "rect section span style svg table tbody td text th thead title tr".split())
ATTRIBUTES = set("aria-label aria-labelledby charset class colspan content height href http-equiv id lang name points role "
                 "scope style text-anchor viewbox width x x1 x2 y y1 y2".split())
COLUMNS = {"", "Event", "Time (UTC)", "What", "Who, and why", "Previous → new"}
CSP = "Content-Security-Policy"
# SHA-256 of the report's style, without the line at the foot of the page:
LOOK = "98b3fa4c18444efe286ba3921fcfa4adf7166d77d1422c6911436290f73587ea"

def seen(text):
    """As the report shows a text of which something would not be seen; blanks are not compared."""
    def picture(found):
        code = ord(found[0])
        return chr(0x2400 + code) if code < 32 else "␡" if code == 127 else f"⟨U+{code:04X}⟩"
    return "".join(HIDDEN.sub(picture, text).split())

class Page(HTMLParser):
    """Of each event in the report's tables: day, position, time, type, stream, version, actor and reason, as seen."""
    rows, cell, kind, day, is_in, style, tables = None, -1, "", "", False, "", 0
    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        kind, styled = told.get("class") or "", told.get("style") or ""
        is_ours = tag in TAGS and {*told} <= ATTRIBUTES and len(told) == len(attrs) and told.get("http-equiv", CSP) == CSP
        is_ours &= bool(re.fullmatch(r"(contain-intrinsic-size: auto \d+rem|width: \d+%)?#e\d+", styled + str(told.get("href", "#e0"))))
        is_ours &= "hidden" not in kind.split() or (tag == "thead" and not self.is_in)
        self.tables += tag == "table"
        need(is_ours and self.tables < 2, f"the report has a <{tag}> that no report has")
        self.is_in = kind == "events" if tag == "table" else self.is_in
        self.kind = kind if tag in {"span", "h3"} else tag if tag == "style" else self.kind
        if tag == "tr" and self.is_in:
            self.rows.append([])
            self.cell = 4 if kind == "small" else -1
        self.cell += tag == "td"
    def handle_endtag(self, tag):
        self.kind = "" if tag in {"span", "h3", "style"} else self.kind
        self.is_in = self.is_in and tag != "table"
        self.tables -= tag == "table"
    def handle_data(self, data):
        if self.kind == "style":
            self.style += data
        elif self.kind == "day":
            self.day = data
        elif self.is_in and self.cell < 4 and self.kind != "summary":
            need(self.cell >= 0 or data.strip() in COLUMNS, "the report has other columns")
            if self.cell >= 0:
                self.rows[-1] += [data] if self.rows[-1] else [self.day, data]
    def other(self, data):
        raise Tampered("the report has what no report has: " + data[:40])

    handle_comment = handle_pi = unknown_decl = other

def check_page(files, events):
    """That the report's tables show these very events, in this order, and no others."""
    page, Page.rows = Page(), []
    page.feed(files["report.html"].decode())
    look = re.sub(r'(@bottom-left { content: )"[^"\\<]*"', r'\1""', page.style, count=1)
    need(sha(look.encode()).hex() == LOOK, "the report's style is not a report's: it could hide what is there")
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
    for name in {"events.jsonl", "proofs.jsonl"} & {*files}:
        need(not files[name] or files[name].endswith(b"\n"), name + " ends within a line")
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
        if kept: raise CannotTell("the bundle was made without --since: it tells of no earlier checkpoint")
        return None
    earlier = checkpoint_of(files["checkpoint-before"].decode())
    if kept and kept != earlier: raise CannotTell("the bundle's earlier checkpoint is not the one you have kept")
    steps = [base64.b64decode(step, validate=True) for step in json.loads(files["consistency.json"])["proof"]]
    need(is_continued(earlier[1], size, earlier[2], root, steps), "the log does not continue the earlier checkpoint")
    return earlier

def check(files, key, kept):
    manifest = json.loads(files["manifest.json"])
    need({*manifest["files"]} <= FILES, "the manifest lists other files than a bundle has")
    for name, told in sorted(manifest["files"].items()):
        need(name in files and sha(files[name]).hex() == told, f"{name} is not the file that the manifest lists")
    vkey = files["key.txt"].decode().strip()
    if key and key_of(vkey) != key_of(key):
        raise CannotTell("it is signed by another key than yours; ask whether that was replaced, and by which")
    origin, size, root = checkpoint_of(opened(files["checkpoint"], vkey, "the checkpoint"))
    need(origin == key_of(vkey)[0], "the checkpoint is of another log")
    told = f"event-explorer bundle manifest\n{origin}\n{sha(files['manifest.json']).hex()}\n"
    need(opened(files["manifest.sig"], vkey, "the manifest") == told, "the manifest is not the one that was signed")
    events = check_events(files, manifest, size, root)
    check_page(files, events)
    return manifest, vkey, size, events, check_continuation(files, size, root, kept)

def given(options):
    try:
        kept = checkpoint_of(options.checkpoint.read_text("utf-8")) if options.checkpoint else None
        _ = options.key and key_of(options.key)
    except (ValueError, Tampered) as fault:
        raise CannotTell(f"your own key or checkpoint is none: {fault}") from None
    files = files_of(options.bundle)
    if "manifest.json" not in files:
        raise CannotTell(f"{options.bundle} is no audit bundle: it has no manifest.json")
    listed = {*FILES, "manifest.json", "manifest.sig"}
    need(options.bundle.is_dir() or {*files} <= listed, "the bundle has other files than a bundle has")
    return files, kept
def say(*words):
    print("".join(character if character.isprintable() else "?" for character in " ".join(words)))

def main():
    parser = argparse.ArgumentParser(description="Checks an audit bundle, offline.")
    parser.add_argument("bundle", type=Path, nargs="?", default=Path(__file__).parent)
    parser.add_argument("--key", metavar="VKEY", help="the public key as you were told it by another way")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="an earlier checkpoint that you have kept")
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        files, kept = given(options)
        manifest, vkey, size, events, earlier = check(files, options.key, kept)
    except Tampered as fault:
        say(f"TAMPERED: {fault}.")
        return 1
    except (CannotTell, OSError) as fault:
        say(f"CANNOT TELL: {fault}.")
        return 2
    except (ValueError, LookupError, TypeError, AttributeError, EOFError, RuntimeError, OverflowError, struct.error,
            zlib.error, zipfile.BadZipFile) as fault:
        say(f"TAMPERED: a file is not in its form ({type(fault).__name__}: {fault}).")
        return 1
    whole = manifest["is_whole_log"]
    say(f"OK: {len(events)} of {size} events are in the signed log, unaltered, and the report shows them so.")
    say("It is the whole log." if whole else f"It is a selection: {manifest['asked']}")
    say(f"Signed by {vkey}")
    if earlier:
        say(f"The log continues the earlier checkpoint of {earlier[1]} events.")
    say("Not checked:")
    for is_checked, what in (
        (options.key, "that this is the right key: compare it with the one you were told, or give it with --key"),
        (options.checkpoint, "that this is the log you saw before: keep the file checkpoint for --checkpoint"),
        (whole, "that the selection leaves nothing out: only a bundle of the whole log can show that"),
        (None, "all other text, changes, states, totals and charts: the program's reading of the events, signed"),
        (None, "that the events are true, and that the clock was right"),
    ):
        if not is_checked:
            say("-", what)
    return 0

if __name__ == "__main__":
    sys.exit(main())
