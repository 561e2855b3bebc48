"""Colours, shapes and text: two calm palettes on Fusion, one accent; amber for the past and red for damage, nothing
else.

A bare X server and the offscreen platform know no colour scheme, so both palettes are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from explorer.application.kinds import Kind
from explorer.application.resources import resource

Scheme = Literal["light", "dark", "system"]

SHAPES: Mapping[Kind, str] = {
    "opened": "○",
    "added": "▲",
    "changed": "◆",
    "removed": "▼",
    "done": "■",
    "abandoned": "✕",
    "other": "·",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Named colours as `#rrggbb`. `kinds` is the Okabe-Ito set, darkened or lightened to 4.5:1 against `surface`."""

    is_dark: bool
    window: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    past: str
    on_past: str
    past_soft: str
    danger: str
    danger_soft: str
    good: str
    changed: str
    kinds: Mapping[Kind, str]


LIGHT = Theme(
    is_dark=False,
    window="#f3f4f6",
    surface="#ffffff",
    raised="#fafbfc",
    line="#d5d9df",
    text="#1c2128",
    muted="#59636e",
    accent="#0b5cad",
    on_accent="#ffffff",
    selection="#d6e6f7",
    past="#f2b544",
    on_past="#2b1d00",
    past_soft="#fdf3dd",
    danger="#b3261e",
    danger_soft="#fbe9e7",
    good="#1b6e3c",
    changed="#e8f1fb",
    kinds={
        "opened": "#0072b2",
        "added": "#00805c",
        "changed": "#8a6100",
        "removed": "#b84a00",
        "done": "#a3487b",
        "abandoned": "#5f6670",
        "other": "#2f7ca8",
    },
)
DARK = Theme(
    is_dark=True,
    window="#171a1f",
    surface="#1f2329",
    raised="#262b32",
    line="#3a414b",
    text="#e6e9ed",
    muted="#a0a9b4",
    accent="#6cb2f5",
    on_accent="#0b1a29",
    selection="#2b4562",
    past="#e0a030",
    on_past="#201500",
    past_soft="#3a2f17",
    danger="#ff8a80",
    danger_soft="#43211f",
    good="#6fd08c",
    changed="#22374d",
    kinds={
        "opened": "#56b4e9",
        "added": "#2fc49a",
        "changed": "#f0c24b",
        "removed": "#f0894a",
        "done": "#dd9bc4",
        "abandoned": "#a7aeb8",
        "other": "#8fd0f5",
    },
)


RULE_COLOURS: Mapping[str, Kind] = {
    "blue": "opened", "orange": "removed", "green": "added", "purple": "done", "sky": "other",
}  # fmt: skip
"""The colours of rules are those of kinds: of the same set, and as well to be read."""


def rule_colour(name: str, theme: Theme) -> str:
    return theme.kinds[RULE_COLOURS[name]]


class Look(QObject):
    """The theme in force. Views that draw by themselves listen to `changed`."""

    changed = Signal(object)
    """Theme"""

    def __init__(self, app: QApplication, scheme: Scheme = "system") -> None:
        super().__init__(app)
        self._app = app
        self.scheme: Scheme = scheme
        self.theme = LIGHT
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.choose(scheme)

    def choose(self, scheme: Scheme) -> None:
        """Switches the whole program, live."""
        self.scheme = scheme
        system_is_dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        is_dark = system_is_dark if scheme == "system" else scheme == "dark"
        self.theme = DARK if is_dark else LIGHT
        self._app.setPalette(_palette(self.theme))
        self._app.setStyleSheet(_style_sheet(self.theme))
        self.changed.emit(self.theme)

    def _follow_system(self) -> None:
        if self.scheme == "system":
            self.choose("system")


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.selection,
        role.HighlightedText: theme.text,
        role.Link: theme.accent,
        role.Light: theme.surface,
        role.Midlight: theme.line,
        role.Mid: theme.line,
        role.Dark: theme.muted,
        role.Shadow: theme.line,
        role.Accent: theme.accent,
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.muted))
    return palette


def _style_sheet(theme: Theme) -> str:
    down, up = (Path(str(resource("icons", f"{name}.svg"))).as_posix() for name in ("down", "up"))
    return f"""
        QToolTip {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.line}; padding: 3px; }}
        QDockWidget {{ font-weight: 600; }}
        QDockWidget::title {{ background: {theme.window}; padding: 5px 8px; }}
        QTableView, QTreeView, QListView, QPlainTextEdit {{
            background: {theme.surface}; border: 1px solid {theme.line}; gridline-color: {theme.line}; }}
        QTableView:focus, QTreeView:focus, QListView:focus, QPlainTextEdit:focus, QLineEdit:focus {{
            border: 2px solid {theme.accent}; }}
        QLineEdit {{
            background: {theme.surface}; border: 1px solid {theme.line}; border-radius: 3px; padding: 3px 5px; }}
        QLineEdit:focus {{ padding: 2px 4px; }}
        QLineEdit:disabled {{ background: {theme.window}; color: {theme.muted}; }}
        QComboBox, QAbstractSpinBox {{
            background: {theme.surface}; border: 1px solid {theme.line}; border-radius: 3px; padding: 3px 5px; }}
        QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid {theme.accent}; padding: 2px 4px; }}
        QAbstractSpinBox {{ padding: 1px; }}
        QAbstractSpinBox:focus {{ padding: 0; }}
        QComboBox {{ min-width: 5.3em; }}
        QComboBox[role="short"] {{ min-width: 2.5em; }}
        QComboBox:disabled, QAbstractSpinBox:disabled {{ background: {theme.window}; color: {theme.muted}; }}
        QComboBox::drop-down {{ border: none; width: 1.4em; }}
        QComboBox::down-arrow {{ image: url("{down}"); width: 0.8em; height: 0.8em; }}
        QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 1.4em; }}
        QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
        QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
        QAbstractSpinBox::up-arrow {{ image: url("{up}"); width: 0.7em; height: 0.7em; }}
        QAbstractSpinBox::down-arrow {{ image: url("{down}"); width: 0.7em; height: 0.7em; }}
        QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::down-arrow:off {{ image: none; }}
        QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{ border: none; padding: 0 3px; }}
        QComboBox QLineEdit, QComboBox QLineEdit:focus {{ border: none; padding: 0; }}
        QToolButton[popupMode="2"] {{
            background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 3px;
            padding: 4px 1.5em 4px 8px; }}
        QToolButton[popupMode="2"]:hover {{ background: {theme.selection}; }}
        QToolButton[popupMode="2"]:focus {{ border: 2px solid {theme.accent}; padding: 3px 1.5em 3px 7px; }}
        QToolButton[popupMode="2"]::menu-indicator {{
            image: url("{down}"); width: 0.8em; height: 0.8em;
            subcontrol-origin: padding; subcontrol-position: center right; right: 4px; }}
        QCheckBox, QRadioButton {{ border: 2px solid transparent; border-radius: 3px; padding: 1px; }}
        QCheckBox:focus, QRadioButton:focus {{ border-color: {theme.accent}; }}
        QTabBar::tab {{
            background: {theme.window}; color: {theme.muted}; border: 1px solid {theme.line}; padding: 4px 9px; }}
        QTabBar::tab:selected {{ background: {theme.surface}; color: {theme.text}; }}
        QTabBar::tab:hover {{ color: {theme.text}; }}
        QTabBar::tab:selected:focus {{ border: 2px solid {theme.accent}; padding: 3px 8px; }}
        QPushButton {{
            background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 3px; padding: 4px 10px; }}
        QPushButton:hover {{ background: {theme.selection}; }}
        QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 3px 9px; }}
        QPushButton:disabled {{ color: {theme.muted}; background: {theme.window}; }}
        QPushButton[primary="true"] {{
            background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent}; }}
        QPushButton[primary="true"]:disabled {{
            background: {theme.line}; color: {theme.muted}; border-color: {theme.line}; }}
        QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
        QMessageBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
        QRadioButton::indicator:unchecked, QCheckBox::indicator:unchecked, QTableView::indicator:unchecked {{
            width: 12px; height: 12px; border: 1px solid {theme.muted}; background: {theme.surface}; }}
        QRadioButton::indicator:unchecked {{ border-radius: 7px; }}
        QRadioButton::indicator:checked {{
            width: 12px; height: 12px; border: 1px solid {theme.accent}; border-radius: 7px;
            background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
                stop: 0 {theme.accent}, stop: 0.55 {theme.accent}, stop: 0.65 {theme.surface}); }}
        QCheckBox::indicator:unchecked, QTableView::indicator:unchecked {{ border-radius: 2px; }}
        QHeaderView::section {{
            background: {theme.window}; color: {theme.muted}; border: none; border-bottom: 1px solid {theme.line};
            padding: 4px 6px; }}
        QLabel[role="muted"] {{ color: {theme.muted}; }}
        QLabel[role="heading"] {{ font-weight: 600; }}
        QLabel[role="refusal"] {{ color: {theme.danger}; }}
        QLabel[role="past"] {{ color: {theme.on_past}; background: {theme.past}; }}
        #damage_strip[role="danger"] {{ background: {theme.danger_soft}; border: none; }}
        #damage_strip[role="danger"] QLabel {{ color: {theme.danger}; font-weight: 600; }}
        #damage_strip[role="notice"] {{ background: {theme.raised}; border: none; }}
        QLabel[role="good"] {{ color: {theme.good}; font-weight: 600; }}
        QLabel[role="danger"] {{ color: {theme.danger}; font-weight: 600; }}
        QPushButton[role="link"], QPushButton[role="danger"] {{
            background: transparent; border: 1px solid transparent; padding: 0 5px; }}
        QPushButton[role="danger"] {{ color: {theme.danger}; font-weight: 600; }}
        QPushButton[role="link"]:hover, QPushButton[role="danger"]:hover {{ text-decoration: underline; }}
        QPushButton[role="link"]:focus, QPushButton[role="danger"]:focus {{ border-color: {theme.accent}; }}
        QFrame[role="past"] {{ background: {theme.past}; border: none; }}
        QFrame[role="past"] QLabel {{ color: {theme.on_past}; font-weight: 600; }}
        QFrame[role="past"] QPushButton {{
            background: {theme.past}; color: {theme.on_past}; border: 1px solid {theme.on_past}; }}
    """


def ink(widget: QWidget, colour: str) -> None:
    """The colour of a label's text; empty for its own. A style sheet that is set again is read and applied again."""
    sheet = f"color: {colour}" if colour else ""
    if sheet != widget.styleSheet():
        widget.setStyleSheet(sheet)


def play_role(widget: QWidget, role: str) -> None:
    """What the style sheet asks a widget for; it is looked at again only when told so."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        for each in (widget, *widget.findChildren(QWidget)):
            each.style().unpolish(each)
            each.style().polish(each)


def explain(widget: QWidget, words: str) -> None:
    """A tooltip; one that is set again is told to everybody again."""
    if words != widget.toolTip():
        widget.setToolTip(words)


def tabular(font: QFont) -> QFont:
    """The font with digits of one width, for columns of numbers."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


@lru_cache(maxsize=10_000)
def local_time(microseconds: int) -> str:
    """`Tue 7 Dec 2010 14:03:22` in the user's time zone."""
    moment = _datetime(microseconds).astimezone()
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M:%S}"


def day_of(microseconds: int) -> date:
    """The day in the user's time zone."""
    return _datetime(microseconds).astimezone().date()


def local_time_with_offset(microseconds: int) -> str:
    """As `local_time`, with the offset from UTC."""
    return f"{local_time(microseconds)} {_datetime(microseconds).astimezone():%z}"


def utc_time(microseconds: int) -> str:
    """`2010-12-07 14:03:22.000000 UTC`, for tooltips."""
    return f"{_datetime(microseconds):%Y-%m-%d %H:%M:%S.%f} UTC"


def _datetime(microseconds: int) -> datetime:
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
