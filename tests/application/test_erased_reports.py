"""F25 in what is compressed: reports made after an erasure hold nothing of the person, and a bundle proves the log."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import StreamObject

from explorer.application.evidence import BUNDLE, write_evidence
from explorer.application.privacy import erase
from explorer.application.reports import FORMATS
from explorer.application.resources import resource
from explorer.application.scope import resolve_scope
from explorer.application.session import Session
from explorer.domain.privacy import ERASED
from explorer.projections.runner import no_progress
from tests.application.customers import JANE, OFFICE, OMAR, protected_shop

VERIFIER = str(resource("reports", "verify.py"))


@pytest.fixture
def shop(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return protected_shop(session)


def unpacked(data: bytes) -> bytes:
    """All that a file says, with what is compressed in it as it is read."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return b"\n".join([data, *(unpacked(archive.read(name)) for name in archive.namelist())])
    if data.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(data))
        size: Any = reader.trailer["/Size"]
        objects = [reader.get_object(number) for number in range(1, size)]
        streams = [found.get_data() for found in objects if isinstance(found, StreamObject)]
        # A line that was broken is one text again.
        pages = [" ".join(page.extract_text().split()).encode() for page in reader.pages]
        return b"\n".join([data, repr(objects).encode(), repr(reader.metadata).encode(), *streams, *pages])
    return data


def report(session: Session, name: str, path: Path) -> bytes:
    write_evidence(session, resolve_scope(session), name, path, progress=lambda _: no_progress)
    return unpacked(path.read_bytes())


def held(data: bytes, *texts: str) -> list[str]:
    """Which texts are there, whether as they are or as JSON, HTML and the like write them."""
    return [text for text in texts if text.encode() in data]


@pytest.mark.parametrize("name", [*FORMATS, BUNDLE])
def test_a_report_made_after_an_erasure_says_erased_and_nothing_of_the_person(
    shop: Session, tmp_path: Path, name: str
) -> None:
    """The first look shows that the search finds what there is."""
    before = report(shop, name, tmp_path / f"before.{name}")
    assert held(before, *JANE, *OMAR, ERASED) == [*JANE, *OMAR]
    erase(shop, OFFICE, subject="Jane Doe")
    after = report(shop, name, tmp_path / f"after.{name}")
    assert held(after, *JANE, *OMAR, ERASED) == [*OMAR, ERASED]


def test_the_bundle_of_a_protected_log_passes_before_and_after_an_erasure_with_the_same_events(
    shop: Session, tmp_path: Path
) -> None:
    events = list[bytes]()
    for name in ("before", "after"):
        report(shop, BUNDLE, tmp_path / name)
        found = subprocess.run(
            [sys.executable, "-I", "-S", VERIFIER, str(tmp_path / name)],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert (found.returncode, found.stderr) == (0, ""), found.stdout
        with zipfile.ZipFile(tmp_path / name) as archive:
            events.append(archive.read("events.jsonl"))
        erase(shop, OFFICE, subject="Jane Doe" if name == "before" else "Omar Haddad")
    assert events[0].count(b"sealed1.") == 9
    assert events[1].startswith(events[0])
    assert events[1].count(b"\n") == events[0].count(b"\n") + 1
    assert not held(events[0], *JANE, *OMAR)
