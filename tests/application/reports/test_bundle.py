"""The bundle is checked by its own `verify.py`, in a process without this program: altered it never passes."""

import ast
import hashlib
import json
import os
import re
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.audit import AuditReport, resolve_scope
from explorer.application.checkpoints import read_known, sign
from explorer.application.evidence import write_evidence
from explorer.application.keys import signing_key
from explorer.application.proof_fields import judged
from explorer.application.resources import resource
from explorer.application.session import Session
from explorer.errors import BadInput, Damaged
from explorer.projections.runner import no_progress
from explorer.proof.ed25519 import is_signature
from explorer.proof.note import sign as sign_note
from explorer.proof.proofs import (
    consistency_fault,
    consistency_proof,
    inclusion_fault,
    inclusion_proof,
    tree_root,
)
from tests.application.evidence import a_day, hostile_day, tamper
from tests.application.shop import Clock, long_cart

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "vectors"
VERIFIER = str(resource("reports", "verify.py"))


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def day(session: Session, clock: Clock) -> Session:
    a_day(session, clock)
    return session


def bundle_of(session: Session, path: Path, since: Path | None = None, **asked: str | None) -> AuditReport:
    scope = resolve_scope(session, **asked)
    return write_evidence(session, scope, "bundle", path, since=since, progress=lambda _: no_progress)


def checked(*arguments: str | Path) -> tuple[int, str]:
    """Exit status and answer of verify.py, isolated from this program."""
    found = subprocess.run(
        [sys.executable, "-I", "-S", VERIFIER, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.stderr == ""
    return found.returncode, found.stdout


def test_it_is_short_and_knows_nothing_but_the_standard_library() -> None:
    lines = Path(VERIFIER).read_text(encoding="utf-8").splitlines()
    assert len(lines) < 300
    nodes = [*ast.walk(ast.parse("\n".join(lines)))]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "asked", [{}, {"stream": "cart-1"}, {"start": "5", "end": "9"}, {"actor": "Bob"}, {"as_of": "9"}, {"end": "1"}]
)
def test_a_sound_bundle_passes(day: Session, tmp_path: Path, asked: dict[str, str]) -> None:
    report = bundle_of(day, tmp_path / "b.zip", None, **asked)
    status, said = checked(tmp_path / "b.zip")
    assert status == 0, said
    assert f"{report.totals.events} of 17 events" in said
    assert ("whole log" in said.splitlines()[1]) is (asked == {})
    assert ("leaves nothing out" in said) is (asked != {})
    key = signing_key().key(day.store.store_id)
    assert key.text in said
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        bundle.extractall(tmp_path / "folder")
    assert checked(tmp_path / "folder", "--key", key.text)[0] == 0


def test_hostile_texts_and_an_empty_log_pass(session: Session, tmp_path: Path) -> None:
    bundle_of(session, tmp_path / "empty.zip")
    assert checked(tmp_path / "empty.zip")[0] == 0
    hostile_day(session)
    bundle_of(session, tmp_path / "hostile.zip")
    assert checked(tmp_path / "hostile.zip")[0] == 0, checked(tmp_path / "hostile.zip")


def test_the_same_log_gives_the_same_bytes(day: Session, tmp_path: Path, open_session: Callable[[], Session]) -> None:
    for name in "ab":
        bundle_of(open_session(), tmp_path / name, stream="cart-1")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_machine_it_is_made_on_leaves_no_trace(day: Session, tmp_path: Path) -> None:
    day.close()
    arguments = ["report", str(day.path), "--format", "bundle", "--cache", str(day.path.parent / "cache"), "-o"]
    for name, odd in (("a", {}), ("b", {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "7"})):
        subprocess.run(
            [sys.executable, "-m", "explorer", *arguments, str(tmp_path / name)],
            env={**os.environ, **odd}, check=True, timeout=60, capture_output=True,
        )  # fmt: skip
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_it_proves_the_continuation_of_what_was_seen_before(day: Session, tmp_path: Path) -> None:
    before, other = tmp_path / "before", tmp_path / "other"
    before.write_text(sign(day, signing_key()).note, encoding="utf-8")
    long_cart(day, 30)
    other.write_text(sign(day, signing_key()).note, encoding="utf-8")
    long_cart(day, 30, "cart-longer")
    bundle_of(day, tmp_path / "b.zip", since=before)
    status, said = checked(tmp_path / "b.zip", "--checkpoint", before)
    assert status == 0
    assert "continues the earlier checkpoint of 17 events" in said
    assert checked(tmp_path / "b.zip", "--checkpoint", other)[0] == 2
    bundle_of(day, tmp_path / "without.zip")
    assert checked(tmp_path / "without.zip", "--checkpoint", before)[0] == 2


def test_every_proof_in_it_is_one_that_verify_proof_takes(day: Session, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.write_text(sign(day, signing_key()).note, encoding="utf-8")
    long_cart(day, 5)
    bundle_of(day, tmp_path / "b.zip", stream="cart-1", since=before)
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        proofs = bundle.read("proofs.jsonl").splitlines()
        assert len(proofs) == 7
        for proof in (*proofs, bundle.read("consistency.json")):
            assert judged(proof)["valid"] is True


def test_a_checkpoint_that_the_log_does_not_continue_is_told(day: Session, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_text(sign(day, signing_key()).note.replace(str(day.store.store_id), "x" * 36), encoding="utf-8")
    with pytest.raises(BadInput, match="another log"):
        bundle_of(day, tmp_path / "b.zip", since=foreign)
    assert read_known(foreign).size == 17
    assert not (tmp_path / "b.zip").exists()


def test_nothing_is_proved_of_a_damaged_log(day: Session, tmp_path: Path) -> None:
    tamper(day.path, "UPDATE events SET reason = 'x' WHERE position = 9")
    with pytest.raises(Damaged, match="Event 9 was altered"):
        bundle_of(day, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


# Forgeries


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(source) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.fixture
def part(day: Session, tmp_path: Path) -> Path:
    before = tmp_path / "before"
    before.write_text(sign(day, signing_key()).note, encoding="utf-8")
    long_cart(day, 5)
    bundle_of(day, tmp_path / "part.zip", stream="cart-1", since=before)
    return tmp_path / "part.zip"


def names_of(bundle: Path) -> list[str]:
    with zipfile.ZipFile(bundle) as file:
        return file.namelist()


def test_a_byte_changed_in_any_file_is_found(part: Path, tmp_path: Path) -> None:
    names = names_of(part)
    assert len(names) == 10
    for name in names:
        for share in (0, 3, 6, 9):

            def change(files: dict[str, bytes], name: str = name, share: int = share) -> None:
                files[name] = flipped(files[name], len(files[name]) * share // 10)

            rewritten(part, tmp_path / "forged.zip", change)
            assert checked(tmp_path / "forged.zip")[0] in (1, 2), (name, share)


def without(name: str, files: dict[str, bytes]) -> None:
    del files[name]


def test_a_file_taken_out_or_put_in_is_found(part: Path, tmp_path: Path) -> None:
    for name in names_of(part):
        rewritten(part, tmp_path / "forged.zip", partial(without, name))
        assert checked(tmp_path / "forged.zip")[0] in (1, 2), name
    rewritten(part, tmp_path / "forged.zip", lambda files: files.update({"more": b"x"}))
    assert checked(tmp_path / "forged.zip")[0] == 1


def signed_anew(files: dict[str, bytes], session: Session) -> None:
    """What the holder of the key can do: makes the manifest fit whatever the files are."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {name: hashlib.sha256(files[name]).hexdigest() for name in manifest["files"]}
    manifest["events"] = files["events.jsonl"].count(b"\n")
    files["manifest.json"] = json.dumps(manifest).encode()
    key = signing_key()
    origin = key.key(session.store.store_id).name
    told = f"event-explorer bundle manifest\n{origin}\n{hashlib.sha256(files['manifest.json']).hexdigest()}\n"
    files["manifest.sig"] = sign_note(told, origin, key.private).encode()


def turned(data: bytes) -> bytes:
    """The first line behind the last."""
    first, *rest = data.split(b"\n")[:-1]
    return b"\n".join([*rest, first, b""])


def instead(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new)


LIES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a row of the report says another reason": ("report.html", instead(b"correction", b"collection")),
    "a row of the report names another actor": ("report.html", instead(b"<td>Bob<", b"<td>Eve<")),
    "a row is hidden": ("report.html", instead(b'<td class="number">6</td>', b"<td></td>")),
    "another day": ("report.html", instead(b'day">Thursday 1 January', b'day">Friday 2 January')),
    "a style hides what is there": ("report.html", instead(b"</style>", b".type { font-size: 0; }</style>")),
    "a second style": ("report.html", instead(b"<body>", b"<body><style>td { display: none; }</style>")),
    "what is hidden": ("report.html", instead(b'<span class="type">', b'<span class="type" hidden>')),
    "what the style hides": ("report.html", instead(b'<span class="type">', b'<span class="type hidden">')),
    "a style of its own": ("report.html", instead(b'<span class="type">', b'<span class="type" style="color: #fff">')),
    "a template": ("report.html", instead(b"<footer>", b"<template></template><footer>")),
    "a script": ("report.html", instead(b"<footer>", b"<script>alert(1)</script><footer>")),
    "a comment": ("report.html", instead(b"<footer>", b"<!-- x --><footer>")),
    "a table in a table": ("report.html", instead(b'<table class="events"', b'<table><tr><td><table class="events"')),
    "another column": ("report.html", instead(b'<th scope="col">What</th>', b"<th>by Eve</th>")),
    "a link that leads away": ("report.html", instead(b"<footer>", b'<a href="https://example.org">here</a><footer>')),
    "a link that runs": ("report.html", instead(b"<footer>", b'<a href="javascript:alert(1)">here</a><footer>')),
    "a link to nothing": ("report.html", instead(b"<footer>", b"<a href>here</a><footer>")),
    "a page that moves on": ("report.html", instead(b"<title>", b'<meta http-equiv="refresh" content="0"><title>')),
    "half a line": ("events.jsonl", lambda data: data + b"{}"),
    "an event says something else": ("events.jsonl", instead(b"correction", b"collection")),
    "an event is left out": ("events.jsonl", lambda data: data.split(b"\n", 1)[1]),
    "a proof is another's": ("proofs.jsonl", turned),
    "the earlier checkpoint is another": ("checkpoint-before", instead(b"\n17\n", b"\n16\n")),
    "the proof of continuation is short": ("consistency.json", lambda _: b'{"proof": []}'),
}


@pytest.mark.parametrize("lie", LIES)
def test_not_even_the_keys_holder_can_lie_about_the_signed_log(
    day: Session, part: Path, tmp_path: Path, lie: str
) -> None:
    name, change = LIES[lie]

    def forge(files: dict[str, bytes]) -> None:
        before = files[name]
        files[name] = change(before)
        assert files[name] != before
        signed_anew(files, day)

    rewritten(part, tmp_path / "same.zip", lambda files: signed_anew(files, day))
    assert checked(tmp_path / "same.zip")[0] == 0
    rewritten(part, tmp_path / "forged.zip", forge)
    status, said = checked(tmp_path / "forged.zip")
    assert status == 1, said


def test_the_style_is_the_one_that_the_verifier_knows(day: Session, tmp_path: Path) -> None:
    """Who changes the template's style writes its new hash into verify.py, as LOOK."""
    style = resource("reports", "report.html.jinja").read_text(encoding="utf-8").partition("<style>")[2]
    known = re.sub(r'(@bottom-left { content: )"[^"]*"', r'\1""', style.partition("</style>")[0], count=1)
    assert hashlib.sha256(known.encode()).hexdigest() == VERIFY["LOOK"]


@pytest.mark.parametrize("how", ["before", "behind", "between", "comment"])
def test_a_zip_that_other_programs_read_otherwise_is_refused(part: Path, tmp_path: Path, how: str) -> None:
    data = part.read_bytes()
    if how == "before":
        data = data + data
    elif how == "behind":
        data += b"x" * 30
    elif how == "comment":
        data = data[:-2] + b"\x04\x00evil"
    else:
        with zipfile.ZipFile(part) as bundle:
            second = sorted(entry.header_offset for entry in bundle.infolist())[1]
        data = data[:second] + b"PK\x03\x04" + data[second:]
    (tmp_path / "odd.zip").write_bytes(data)
    assert checked(tmp_path / "odd.zip")[0] in (1, 2)


def test_no_flipped_bit_of_the_zip_ends_in_anything_but_a_verdict(part: Path, tmp_path: Path) -> None:
    data, random = part.read_bytes(), Random(1)
    for _ in range(25):
        (tmp_path / "flipped.zip").write_bytes(flipped(data, random.randrange(len(data))))
        assert checked(tmp_path / "flipped.zip")[0] in (0, 1, 2)


def test_what_a_file_says_cannot_steer_the_terminal(part: Path, tmp_path: Path) -> None:
    def escape(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["files"]["\x1b[2Jx"] = ""
        files["manifest.json"] = json.dumps(manifest).encode()

    rewritten(part, tmp_path / "forged.zip", escape)
    assert "\x1b" not in checked(tmp_path / "forged.zip")[1]


def test_another_key_than_the_one_that_was_told_is_refused(part: Path, day: Session, tmp_path: Path) -> None:
    other = signing_key().key(day.store.store_id)._replace(public=bytes(31) + b"\x01")
    assert checked(part, "--key", other.text)[0] == 2
    assert checked(part, "--checkpoint", part)[0] == 2
    (tmp_path / "empty").write_bytes(b"")
    assert checked(tmp_path / "empty")[0] == 2
    assert checked(part, "--key", "nonsense")[0] == 2
    assert checked(tmp_path / "none.zip")[0] == 2
    (tmp_path / "no.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    assert checked(tmp_path / "no.zip")[0] == 2


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_its_signatures_are_judged_as_the_program_judges_them() -> None:
    """Two implementations, one verdict, on C2SP's edge cases of Ed25519."""
    script = f"""
import json, runpy, sys
verify = runpy.run_path({VERIFIER!r})["is_signature"]
def one(case):
    key, sig = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
    return verify(key, case["msg"].encode(), sig)
print(json.dumps([one(case) for case in json.load(sys.stdin)]))
"""
    text = (VECTORS / "ed25519" / "cctv_ed25519vectors.json").read_text(encoding="utf-8")
    found = subprocess.run([sys.executable, "-c", script], input=text, capture_output=True, text=True, check=True)
    expected = [
        is_signature(bytes.fromhex(case["key"]), case["msg"].encode(), bytes.fromhex(case["sig"]))
        for case in json.loads(text)
    ]
    assert json.loads(found.stdout) == expected


VERIFY = runpy.run_path(VERIFIER)


@settings(max_examples=300)
@given(st.integers(1, 150), st.data())
def test_its_trees_and_proofs_are_those_of_the_program(size: int, data: st.DataObject) -> None:
    """Written apart from each other, they agree on what is right and on what is not."""
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(size)]

    def node(level: int, number: int) -> bytes:
        return VERIFY["root_of"](leaves[number << level : (number + 1) << level])

    first, index = data.draw(st.integers(1, size)), data.draw(st.integers(0, size - 1))
    new, old = tree_root(size, node), tree_root(first, node)
    assert VERIFY["root_of"](leaves) == new
    path, steps = inclusion_proof(index, size, node), consistency_proof(first, size, node)
    spoilt = data.draw(st.sampled_from(("nothing", "a step", "one step less", "one step more", "another number")))
    path, steps = (_spoilt(proof, spoilt, data) for proof in (path, steps))
    if spoilt == "another number":
        index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    included = VERIFY["climb"](index, size - 1, leaves[index], leaves[index], path)[1:] == (new, True)
    assert included is not bool(inclusion_fault(index, size, leaves[index], path, new))
    continued = VERIFY["is_continued"](first, size, old, new, steps)
    assert continued is not bool(consistency_fault(first, size, old, new, steps))


def _spoilt(proof: list[bytes], how: str, data: st.DataObject) -> list[bytes]:
    if how == "one step more":
        return [*proof, bytes(32)]
    if how == "one step less":
        return proof[:-1]
    if how == "a step" and proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        return [*proof[:place], bytes(32), *proof[place + 1 :]]
    return proof
