"""One event whole: what it changed, its data, its envelope, and the bytes as they are stored.

It is the last event of the chosen stream at the moment shown. Only the tab that is seen is filled.
"""

import re
from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.application.documents import event_document
from explorer.application.history import Value
from explorer.application.kinds import kind_of, spoken
from explorer.application.stream_view import StreamView
from explorer.application.trust import Damage
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.meant import Picked
from explorer.gui.panels.bookmark_words import FLAG, bookmark_in_words
from explorer.gui.panels.changes_table import ChangesTable
from explorer.gui.panels.picking import follow_picks
from explorer.gui.panels.plain import HIDDEN, as_json, plain, short_stream, tip
from explorer.gui.panels.seen import Seen
from explorer.gui.panels.sight import is_same
from explorer.gui.panels.state_tree import StateTree
from explorer.gui.theme import SHAPES, Look, Theme, ink, local_time, local_time_with_offset, tabular, utc_time
from explorer.projections.bookmarks import BookmarkRow
from explorer.store.codec import Record, id_text

MOST_RAW = 200_000
"""Characters of raw JSON that are shown; the copy has all."""


class EventDetail(Seen):
    """Tabs on one event; in words why there is none, or why it cannot be read."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._theme = look.theme
        self._stream: StreamView | None = None
        self._as_of = 0
        self._damage: Mapping[int, Damage] = {}
        self._marked: Mapping[int, BookmarkRow] = {}
        self.title, self.about, self.refusal, self.empty = (QLabel(self) for _ in range(4))
        self.changes = ChangesTable(self)
        self.data = StateTree(self)
        self.data.view.setAccessibleName("Data of the event")
        self.envelope = _Envelope(self)
        self.raw = QPlainTextEdit(self)
        self.raw.setReadOnly(True)
        self.raw.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.raw.setAccessibleName("Stored data as JSON")
        self.copy = QPushButton("Copy as &JSON", self)
        self.copy.setToolTip("Put the whole event on the clipboard, as it is read today (Ctrl+Shift+C)")
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self._fillers: dict[int, Callable[[StreamView], None]] = {}
        self._filled: set[int] = set()
        self._lay_out()
        self.data.picked.connect(self._pick_data)
        self.envelope.picked.connect(self._pick)
        for panel in (self.data, self.envelope):
            panel.offering.connect(self._offer)
        self.copy.clicked.connect(self.copy_json)
        self.tabs.currentChanged.connect(self._fill_tab)
        follow_picks(looking, self.changes)
        look.changed.connect(self._take_theme)
        self._explain(None, 0)

    def copy_json(self) -> None:
        """Puts the event on the clipboard: as it is read today, or, if it is unreadable, its stored data."""
        stream = self._looking.answer.stream if self._looking.answer else None
        if stream is None or stream.record is None:
            return
        text = as_json(event_document(stream.event)) if stream.event else _raw_text(stream.record.data)
        QGuiApplication.clipboard().setText(text)
        self._looking.told.emit("The event is on the clipboard, as JSON.")

    def _pick(self, path: str, value: Value) -> None:
        self._looking.pick(Picked(path, value, "event"))

    def _pick_data(self, path: str, value: Value) -> None:
        self._pick(f"data.{path}", value)

    def _offer(self, menu: QMenu) -> None:
        self._looking.menu_opening.emit("field", menu)

    def _lay_out(self) -> None:
        for label in (self.title, self.about, self.refusal, self.empty):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.title.setProperty("role", "heading")
        self.about.setProperty("role", "muted")
        self.refusal.setProperty("role", "refusal")
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.refusal.setTextInteractionFlags(selectable)
        self._add_tab("&Changes", self.changes, self._fill_changes)
        self._add_tab("&Data", self.data, self._fill_data)
        self._add_tab("E&nvelope", self.envelope, self._fill_envelope)
        self._add_tab("&Raw", self.raw, self._fill_raw)
        shown = QWidget(self)
        space = self.fontMetrics().height() // 4
        head = QVBoxLayout()
        head.setContentsMargins(2 * space, space, 2 * space, space)
        head.setSpacing(space // 2)
        title = QHBoxLayout()
        title.addWidget(self.title, 1)
        title.addWidget(self.copy)
        head.addLayout(title)
        head.addWidget(self.about)
        head.addWidget(self.refusal)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.tabs, 1)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(shown)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _add_tab(self, title: str, page: QWidget, fill: Callable[[StreamView], None]) -> None:
        self._fillers[self.tabs.addTab(page, title)] = fill

    # What is shown

    def show_answer(self, answer: Answer) -> None:
        stream, as_of = answer.stream, answer.status.as_of
        is_new = not is_same(stream, self._stream)
        was = self._as_of, self._damage, self._marked
        if not is_new and (as_of, answer.damage, answer.marked) == was:
            return
        self._stream, self._as_of, self._damage, self._marked = stream, as_of, answer.damage, answer.marked
        if stream is None or stream.record is None:
            self._explain(stream, as_of)
            return
        self._head(stream.record, as_of)
        self._refuse(stream, stream.record.position)
        if is_new:
            self._filled.clear()
            self._fill_tab(self.tabs.currentIndex())
        self._pages.setCurrentIndex(1)

    def _refuse(self, stream: StreamView, position: int) -> None:
        """Why what is shown of the event is not to be trusted, or not shown."""
        damage = self._damage.get(position)
        words = [f"DAMAGED: {plain(damage.words)}." if damage else ""]
        words.append(f"This event cannot be read: {plain(stream.unreadable)}" if stream.unreadable else "")
        self.refusal.setText("\n".join(filter(None, words)))
        self.refusal.setVisible(any(words))

    def _explain(self, stream: StreamView | None, as_of: int) -> None:
        if stream is None:
            self.empty.setText("No stream is chosen. Click an event or a cart to see what happened there.")
        else:
            self.empty.setText(f"{short_stream(stream.stream)} had not begun at event {as_of:,}.")
        self._pages.setCurrentIndex(0)

    def _head(self, record: Record, as_of: int) -> None:
        kind = kind_of(record.type)
        self.title.setText(f"{SHAPES[kind]} {plain(spoken(record.type))}")
        ink(self.title, self._theme.kinds[kind])
        mark = self._marked.get(record.position)
        later = "" if record.position == as_of else f" · the stream's last by event {as_of:,}"
        self.about.setText(
            f"Event {record.position:,} · {short_stream(record.stream)} · v{record.version:,} · "
            f"{local_time(record.occurred_at)} · {plain(record.actor)}{later}"
            + (f"\n{FLAG} {plain(mark.title)}" if mark else "")
        )
        noted = f"\n{bookmark_in_words(mark)}" if mark else ""
        self.about.setToolTip(tip(f"{plain(record.stream)}\n{utc_time(record.occurred_at)}{noted}"))

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._filled.clear()
        if self._stream is not None and self._stream.record is not None:
            self._head(self._stream.record, self._as_of)
            self._fill_tab(self.tabs.currentIndex())

    def _fill_tab(self, index: int) -> None:
        if self._stream is not None and self._stream.record is not None and index not in self._filled:
            self._filled.add(index)
            self._fillers[index](self._stream)

    def _fill_changes(self, stream: StreamView) -> None:
        self.changes.show_changes(stream, self._theme)

    def _fill_data(self, stream: StreamView) -> None:
        data = stream.event.data if stream.event else {}
        self.data.show_states(data, data, (), self._theme)

    def _fill_envelope(self, stream: StreamView) -> None:
        if stream.record is not None:
            self.envelope.show_record(stream.record, stream.event.schema_version if stream.event else None)

    def _fill_raw(self, stream: StreamView) -> None:
        text = _raw_text(stream.record.data) if stream.record else ""
        # What is invisible is written as JSON writes it, so that this is still the same JSON.
        seen = HIDDEN.sub(_escaped, text[:MOST_RAW])
        if len(text) > MOST_RAW:
            seen += f"\n… and {len(text) - MOST_RAW:,} more characters. Copy as JSON takes all."
        self.raw.setPlainText(seen)


class _Envelope(QScrollArea):
    """What is recorded about the event. All of it can be selected."""

    FIELDS = (
        "Event", "Stream", "Version", "Id", "Type", "Schema version", "Occurred at", "Recorded at", "Actor", "Reason",
        "Correlation id", "Causation id", "Origin",
    )  # fmt: skip
    NAMES = (
        "position", "stream", "version", "id", "type", "schema", "time", "recorded", "actor", "reason", "correlation",
        "causation", "origin",
    )  # fmt: skip
    """What conditions call them."""
    picked = Signal(str, object)
    """The name and value of what the user has come to."""
    offering = Signal(object)
    """The QMenu of what is picked is about to be shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._record: Record | None = None
        self.setWidgetResizable(True)
        self.setAccessibleName("Envelope of the event")
        inside = QWidget(self)
        form = QFormLayout(inside)
        form.setHorizontalSpacing(self.fontMetrics().height())
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        self.values: dict[str, QLabel] = {}
        for name in self.FIELDS:
            value = QLabel(inside)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
            value.setFont(tabular(self.font()))
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setAccessibleName(name)
            value.installEventFilter(self)
            label = QLabel(name, inside)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("role", "muted")
            form.addRow(label, value)
            self.values[name] = value
        self.setWidget(inside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.ContextMenu) and self._record is not None:
            name = next(name for name, label in self.values.items() if label is watched)
            self.picked.emit(self.NAMES[self.FIELDS.index(name)], self._value_of(name, self._record))
            if isinstance(event, QContextMenuEvent):
                self._offer(self.values[name]).popup(event.globalPos())
                return True
        return super().eventFilter(watched, event)

    def _offer(self, label: QLabel) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = label.selectedText() or label.text()
        menu.addAction("&Copy").triggered.connect(lambda: QGuiApplication.clipboard().setText(text))
        self.offering.emit(menu)
        return menu

    def _value_of(self, field: str, record: Record) -> str | int | None:
        """As conditions compare it."""
        ids = {"Id": record.id, "Correlation id": record.correlation_id, "Causation id": record.causation_id}
        if field in ids:
            id_ = ids[field]
            return None if id_ is None else id_text(id_)
        return (
            record.position, record.stream, record.version, None, record.type, record.schema_version,
            record.occurred_at, record.recorded_at, record.actor, record.reason, None, None, record.origin,
        )[self.FIELDS.index(field)]  # fmt: skip

    def show_record(self, record: Record, read_as: int | None) -> None:
        self._record = record
        version = f"{record.schema_version}"
        if read_as is not None and read_as != record.schema_version:
            version += f", read as {read_as}"
        texts = (
            f"{record.position:,}", record.stream, f"{record.version:,}", _id(record.id), record.type, version,
            _time(record.occurred_at), _time(record.recorded_at), record.actor, record.reason or "–",
            _id(record.correlation_id), _id(record.causation_id), record.origin or "–",
        )  # fmt: skip
        for name, text in zip(self.FIELDS, texts, strict=True):
            self.values[name].setText(plain(text))
        for name, time in (("Occurred at", record.occurred_at), ("Recorded at", record.recorded_at)):
            self.values[name].setToolTip(utc_time(time))


def _time(microseconds: int) -> str:
    return local_time_with_offset(microseconds)


def _id(value: bytes | None) -> str:
    return str(UUID(bytes=value)) if value else "–"


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}"


def _raw_text(raw: bytes) -> str:
    """The stored data, indented if it is JSON; nothing is decoded and written anew."""
    try:
        return msgspec.json.format(raw, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw.decode("utf-8", "backslashreplace")
