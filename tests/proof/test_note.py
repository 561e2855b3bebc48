"""Signed notes and checkpoints: the specification's own examples, round trips, and everything that must be refused."""

import base64
import json
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import BadInput, Damaged, KnownError
from explorer.proof.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint, sign_checkpoint
from explorer.proof.ed25519 import is_signature
from explorer.proof.note import Key, parse_key, parse_note, sign

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "vectors"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
CHECKPOINT = Checkpoint("shop.example/log", 1_500, bytes(range(32)))
lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


def key(name: str, private: Ed25519PrivateKey = PRIVATE) -> Key:
    return Key(name, private.public_key().public_bytes_raw())


@given(st.lists(lines, min_size=1))
def test_what_was_signed_is_read_and_known_by_its_key(text: list[str]) -> None:
    whole = "\n".join(text) + "\n"
    note = parse_note(sign(whole, "ann", PRIVATE).encode())
    assert note.text == whole
    assert note.signers([key("bob"), key("ann")]) == [key("ann")]
    assert note.signers([key("bob")]) == []
    assert parse_key(key("ann").text) == key("ann")


@given(st.data())
def test_no_byte_of_a_signed_checkpoint_can_be_changed(data: st.DataObject) -> None:
    note = sign_checkpoint(CHECKPOINT, PRIVATE).note.encode()
    place = data.draw(st.integers(0, len(note) - 1))
    changed = note[:place] + bytes([note[place] ^ data.draw(st.integers(1, 255))]) + note[place + 1 :]
    with suppress(KnownError):
        assert read_checkpoint(changed)[1].signers([key(CHECKPOINT.origin)]) == []


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_is_no_checkpoint_is_refused_in_words(data: bytes) -> None:
    for read in (read_checkpoint, parse_note):
        with pytest.raises(BadInput):
            read(data)
    with pytest.raises(BadInput):
        parse_key(data.decode("latin-1"))


def test_a_checkpoint_has_the_very_text_of_its_specification() -> None:
    signed = sign_checkpoint(CHECKPOINT, PRIVATE)
    assert signed.checkpoint.text == f"shop.example/log\n1500\n{base64.b64encode(bytes(range(32))).decode()}\n"
    assert read_checkpoint(signed.note.encode())[0] == CHECKPOINT
    assert signed == sign_checkpoint(CHECKPOINT, PRIVATE)


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", "a\n1\nx\n", "a\n01\n{root}\n", "a\n-1\n{root}\n", "a\n1\n{root}", "\n1\n{root}\n",
        "a\n1\n{root}\n\n", "a\n1" + "0" * 19 + "\n{root}\n", "a\n१\n{root}\n", "a\n1\n{root}=\n", "a\n1\nAA==\n",
    ],
)  # fmt: skip
def test_a_text_that_only_resembles_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_checkpoint(text.replace("{root}", base64.b64encode(bytes(32)).decode()))


def test_extension_lines_are_allowed() -> None:
    assert parse_checkpoint(CHECKPOINT.text + "more\n") == CHECKPOINT


def test_a_false_line_of_a_known_key_refuses_the_note_and_one_of_a_stranger_does_not() -> None:
    good = sign("hello\n", "ann", PRIVATE)
    forged = sign("goodbye\n", "bob", OTHER).splitlines()[-1]
    note = parse_note(f"{good}{forged}\n".encode())
    assert note.signers([key("ann")]) == [key("ann")]
    with pytest.raises(Damaged, match="bob"):
        note.signers([key("ann"), key("bob", OTHER)])


@pytest.mark.parametrize(
    "text", ["", "x", "ann+00000000+AA==", "ann+{id}+*", "a b+{id}+{data}", "ann+{id}+{data}AAAA", "ann+0+{data}"]
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    _, id_, data = key("ann").text.split("+", 2)
    with pytest.raises(BadInput, match="no public key"):
        parse_key(text.replace("{id}", id_).replace("{data}", data))


def test_a_note_has_limits() -> None:
    good = sign("hello\n", "ann", PRIVATE)
    line = good.splitlines()[-1] + "\n"
    with pytest.raises(BadInput, match="signatures"):
        parse_note((good + line * 100).encode())
    with pytest.raises(BadInput, match="bytes"):
        parse_note(b"x" * 1024 * 1024 + good.encode())
    with pytest.raises(BadInput, match="control"):
        sign("a\tb\n", "ann", PRIVATE)
    with pytest.raises(ValueError, match="name"):
        sign("hello\n", "a+b", PRIVATE)


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_the_specifications_own_examples_are_read() -> None:
    example = json.loads((VECTORS / "note" / "c2sp_signed_note_example.json").read_text(encoding="utf-8"))
    signer = parse_key(example["vkey"])
    assert signer.text == example["vkey"]
    note = parse_note(example["note"].encode())
    assert note.signers([signer]) == [signer]
    checkpoint, note = read_checkpoint((VECTORS / "note" / "c2sp_checkpoint_parse_example.txt").read_bytes())
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert [signature.name for signature in note.signatures] == ["example.com/behind-the-sofa"]


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_of_the_edge_cases_of_ed25519_none_is_taken_that_another_verifier_could_refuse() -> None:
    cases = json.loads((VECTORS / "ed25519" / "cctv_ed25519vectors.json").read_text(encoding="utf-8"))
    # On all others, checks with and without the cofactor agree.
    edges = {"low_order_A", "low_order_residue", "non_canonical_A", "non_canonical_R", "reencoded_k"}
    taken = [
        case for case in cases
        if is_signature(bytes.fromhex(case["key"]), case["msg"].encode(), bytes.fromhex(case["sig"]))
    ]  # fmt: skip
    assert all(not edges.intersection(case["flags"] or ()) for case in taken)
    assert (len(taken), len(cases)) == (86, 914)
