"""Cutting texts to a width."""

from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from explorer.gui.panels.ruler import Ruler


def test_a_text_is_kept_or_cut_with_an_ellipsis(qapp: QApplication) -> None:
    font = qapp.font()
    width = QFontMetricsF(font).horizontalAdvance
    ruler = Ruler(font)
    text = "12 × WHITE HEART holder · ünïcode"
    whole, needed = ruler.fitted(text, 1_000)
    assert whole == text
    assert abs(needed - width(text)) <= 3
    cut, _ = ruler.fitted(text, 100)
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])
    assert 80 <= width(cut) <= 103
    assert ruler.fitted("", 10) == ("", 0)


def test_a_time_drops_weekday_then_year_then_day(qapp: QApplication) -> None:
    ruler, text = Ruler(qapp.font()), "Tue 7 Dec 2010 14:03:22"
    forms = [ruler.fitted_time(text, room)[0] for room in range(300, 20, -1)]
    assert list(dict.fromkeys(forms))[:4] == [text, "7 Dec 2010 14:03:22", "7 Dec 14:03:22", "14:03:22"]


def test_what_is_cut_already_is_cut_once_and_keeps_its_end(qapp: QApplication) -> None:
    ruler, name = Ruler(qapp.font()), "cart …9f3a"
    width = QFontMetricsF(qapp.font()).horizontalAdvance
    forms = [ruler.fitted(name, room)[0] for room in range(int(width(name)) + 2, 0, -1)]
    assert forms[0] == name
    assert {form.count("…") for form in forms} == {1}
    assert "car…9f3a" in forms
    assert "…9f3a" in forms
