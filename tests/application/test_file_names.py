"""A name from a log, whatever it is, makes a name of a file in the folder that was chosen."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.application.file_names import LONGEST, file_name
from tests.application.evidence import HOSTILE

DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@given(st.text(), st.sampled_from(["", ".html", ".xlsx"]))
@example("../../etc/passwd", "")
@example("..\\..\\x", ".html")
@example("\0", ".html")
@example("con.html", "")
@example("NUL", ".html")
@example("-rf", "")
@example("." * 500 + "x", ".html")
@example("x" * 500, ".xlsx")
@example("com¹.x", "")
def test_it_is_a_name_in_every_folder(text: str, ending: str) -> None:
    name = file_name(text, ending)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,80}", name)
    assert name[0] not in ".-"
    assert name[-1] not in ".-"
    assert name.endswith(ending)
    assert not DEVICES.fullmatch(name)
    assert (Path("/reports") / name).resolve().parent == Path("/reports")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_cannot_leave_the_folder(text: str, tmp_path: Path) -> None:
    path = tmp_path / file_name(f"../{text}/../{text}", ".pdf")
    path.write_text("x")
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_harmless_name_is_kept() -> None:
    assert file_name("audit-shop-cart-018f", ".html") == "audit-shop-cart-018f.html"
    assert len(file_name("x" * 500, ".html")) == LONGEST
    assert file_name("…", ".html") == "file.html"
