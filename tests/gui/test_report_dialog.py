"""The report dialog offers every format, and suggests a file in the folder whatever store and stream are called."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox

from explorer.application.evidence import BUNDLE
from explorer.application.filtering import EventFilter
from explorer.application.reports import FORMATS
from explorer.gui import report_dialog
from explorer.gui.report_dialog import ReportDialog, Wish, suggested
from tests.application.evidence import HOSTILE
from tests.gui.stage import Stage


@pytest.fixture
def on(stage: Callable[[Path], Stage], short_store: Path) -> Stage:
    opened = stage(short_store)
    opened.open()
    return opened


def test_every_format_is_offered_and_gives_its_ending(on: Stage, tmp_path: Path) -> None:
    dialog = ReportDialog(on.answer, tmp_path, on.holder)
    formats = next(box for box in dialog.findChildren(QComboBox) if box.findData("pdf") >= 0)
    assert {formats.itemData(row) for row in range(formats.count())} == {*report_dialog.FORMATS} == {*FORMATS, BUNDLE}
    name = Path(on.answer.status.store).stem
    for row in range(formats.count()):
        formats.setCurrentIndex(row)
        ending = "zip" if formats.itemData(row) == BUNDLE else formats.itemData(row)
        assert Path(dialog.path.text()) == tmp_path / f"audit-{name}.{ending}"
        assert dialog.since.isEnabled() is (formats.itemData(row) == BUNDLE)
        assert dialog.since.toolTip().startswith("For an audit bundle only.") is not dialog.since.isEnabled()


def test_an_earlier_checkpoint_goes_with_a_bundle_only(on: Stage, tmp_path: Path) -> None:
    dialog = ReportDialog(on.answer, tmp_path, on.holder)
    wishes: list[Wish] = []
    dialog.wished.connect(wishes.append)
    formats = next(box for box in dialog.findChildren(QComboBox) if box.findData("pdf") >= 0)
    dialog.since.setText(str(tmp_path / "kept"))
    for report_format in ("html", BUNDLE):
        formats.setCurrentIndex(formats.findData(report_format))
        dialog.wish()
    assert [wish.since for wish in wishes] == [None, tmp_path / "kept"]


def test_a_chosen_stream_is_in_the_name_and_stays_in_the_folder(on: Stage, tmp_path: Path) -> None:
    chosen = replace(on.answer, question=replace(on.answer.question, stream="cart-/../../1"))
    dialog = ReportDialog(chosen, tmp_path, on.holder)
    path = Path(dialog.path.text())
    assert path.parent == tmp_path
    assert path.name.endswith("-cart--..-..-1.html")


@pytest.mark.parametrize("name", [*HOSTILE, "../../etc/passwd", "..\\..\\x", "/", ".", ""])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    for path in (suggested(tmp_path, f"{name}.events", name), suggested(tmp_path, name, None)):
        assert path.resolve().parent == tmp_path.resolve()
        path.write_text("x")


def test_a_filter_goes_with_the_wish_and_can_be_that_of_the_list(on: Stage, tmp_path: Path) -> None:
    wanted = EventFilter(actor="ann", where="data.quantity > 2")
    dialog = ReportDialog(replace(on.answer, question=replace(on.answer.question, filter=wanted)), tmp_path, on.holder)
    wishes: list[Wish] = []
    dialog.wished.connect(wishes.append)
    dialog.wish()
    dialog.as_listed.click()
    dialog.wish()
    assert [wish.wanted for wish in wishes] == [None, "actor == ann and data.quantity > 2"]
