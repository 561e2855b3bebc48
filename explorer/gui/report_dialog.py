"""Asks what an audit report is to cover and where it goes; the writing is a task."""

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from explorer.application.file_names import file_name
from explorer.application.view import Answer
from explorer.errors import KnownError
from explorer.gui.tasks import Task

FORMATS = {
    "html": "HTML page", "pdf": "PDF, A4", "xlsx": "Excel workbook", "csv": "CSV table", "json": "JSON",
    "bundle": "Audit bundle, to be checked without this program",
}  # fmt: skip

CONTINUES = "With a checkpoint of this log from before, the bundle also proves that the log continues it."


def ending(report_format: str) -> str:
    """What files of a format end with."""
    return ".zip" if report_format == "bundle" else f".{report_format}"


def suggested(folder: Path, store: str, stream: str | None) -> Path:
    """A file in the folder, whatever the two are called."""
    about = "-".join(filter(None, (Path(store).stem, stream)))
    return folder / file_name(f"audit-{about}", ".html")


class Wish(NamedTuple):
    """What the user asked for; None leaves a bound open."""

    format: str
    path: Path
    stream: str | None
    actor: str | None
    start: str | None
    end: str | None
    as_of: str | None
    since: Path | None = None
    wanted: str | None = None


class ReportDialog(QDialog):
    """`wished` carries a Wish; the dialog stays open, with its input, until the task was accepted."""

    wished = Signal(object)

    def __init__(self, answer: Answer, folder: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("report_dialog")
        self.setWindowTitle("Write audit report")
        status, stream = answer.status, answer.question.stream
        self._stream = stream
        self._task: Task | None = None
        self._left: QWidget | None = None
        self._as_of = None if status.is_now else str(status.as_of)
        self._whole = QRadioButton("The &whole store", self)
        self._one = QRadioButton(f"The &stream {stream}" if stream else "One &stream (none is chosen)", self)
        self._one.setEnabled(stream is not None)
        (self._one if stream else self._whole).setChecked(True)
        choice = QButtonGroup(self)
        choice.addButton(self._whole)
        choice.addButton(self._one)
        self.start = self._line("first event or time", "From")
        self._end = self._line("last event or time", "To")
        self._end.setToolTip(f"The last event is {status.checkpoint:,}")
        self._actor = QComboBox(self)
        self._actor.addItem("Everybody", None)
        for actor in answer.actors:
            self._actor.addItem(actor, actor)
        self.filter = self._line("all of them; or such as: data.quantity > 2", "Filter")
        self.as_listed = QPushButton("As &listed", self)
        self.as_listed.setToolTip("The filter of the event list")
        self.as_listed.setEnabled(not answer.question.filter.is_empty)
        self.as_listed.clicked.connect(lambda: self.filter.setText(answer.question.filter.text))
        self._format = QComboBox(self)
        for name, words in FORMATS.items():
            self._format.addItem(words, name)
        self._format.currentIndexChanged.connect(self._follow_format)
        self.path = self._line("", "File")
        self.path.setText(str(suggested(folder, status.store, stream)))
        self._browse = QPushButton("&Browse…", self)
        self._browse.setAccessibleName("Browse for the file")
        self._browse.clicked.connect(self._choose_path)
        self.since = self._line("", "Earlier checkpoint")
        self._browse_since = QPushButton("B&rowse…", self)
        self._browse_since.setAccessibleName("Browse for the earlier checkpoint")
        self._browse_since.clicked.connect(self._choose_since)
        self.refusal = QLabel(self)
        self.refusal.setProperty("role", "refusal")
        self.refusal.setWordWrap(True)
        self.refusal.setTextFormat(self.refusal.textFormat().PlainText)
        self._fields, self._write = QWidget(self), QPushButton("Write report", self)
        self._lay_out(answer)
        self._follow_format()

    def _line(self, placeholder: str, name: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(placeholder)
        line.setAccessibleName(name)
        return line

    def _label(self, text: str, field: QWidget) -> QLabel:
        label = QLabel(text, self)
        label.setBuddy(field)
        return label

    def _lay_out(self, answer: Answer) -> None:
        scope = QVBoxLayout()
        scope.addWidget(self._whole)
        scope.addWidget(self._one)
        span = QHBoxLayout()
        span.addWidget(self.start)
        span.addWidget(QLabel("to", self))
        span.addWidget(self._end)
        place = QHBoxLayout()
        place.addWidget(self.path)
        place.addWidget(self._browse)
        form = QFormLayout(self._fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("Covers", scope)
        form.addRow(self._label("&Range", self.start), span)
        form.addRow("Done &by", self._actor)
        narrowed = QHBoxLayout()
        narrowed.addWidget(self.filter)
        narrowed.addWidget(self.as_listed)
        form.addRow(self._label("Events f&or which", self.filter), narrowed)
        moment = "now" if self._as_of is None else f"event {answer.status.as_of:,}, which you are looking at"
        form.addRow("As of", QLabel(moment, self))
        form.addRow("&Format", self._format)
        form.addRow(self._label("F&ile", self.path), place)
        earlier = QHBoxLayout()
        earlier.addWidget(self.since)
        earlier.addWidget(self._browse_since)
        form.addRow(self._label("&Earlier checkpoint", self.since), earlier)
        buttons = QDialogButtonBox(self)
        buttons.addButton(self._write, QDialogButtonBox.ButtonRole.AcceptRole)
        self._write.setProperty("primary", "true")
        self._write.setObjectName("write")
        self._write.setDefault(True)
        self._write.style().polish(self._write)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.wish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self._fields)
        column.addWidget(self.refusal)
        column.addWidget(buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 80, self.sizeHint().height())

    def _follow_format(self) -> None:
        path, chosen = Path(self.path.text()), self._format.currentData()
        if path.suffix in map(ending, FORMATS):
            self.path.setText(str(path.with_suffix(ending(chosen))))
        is_bundle = chosen == "bundle"
        self.since.setPlaceholderText(
            "one that the auditor has kept, if any" if is_bundle else "for an audit bundle only"
        )
        for widget in (self.since, self._browse_since):
            widget.setEnabled(is_bundle)
            widget.setToolTip(CONTINUES if is_bundle else f"For an audit bundle only. {CONTINUES}")

    def _choose_since(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self, "An earlier checkpoint of this log", str(Path(self.path.text()).parent)
        )
        if found:
            self.since.setText(found)

    def _choose_path(self) -> None:
        found, _ = QFileDialog.getSaveFileName(self, "Write audit report to", self.path.text())
        if found:
            self.path.setText(found)

    def wish(self) -> None:
        """Asks for the report as the dialog says."""
        if not self.path.text().strip():
            self.refuse("Name a file to write the report to.")
            return
        earlier = self.since.text().strip() if self.since.isEnabled() else ""
        self.refusal.setText("")
        self.wished.emit(
            Wish(
                self._format.currentData(),
                Path(self.path.text()).expanduser(),
                self._stream if self._one.isChecked() else None,
                self._actor.currentData(),
                self.start.text().strip() or None,
                self._end.text().strip() or None,
                self._as_of,
                Path(earlier).expanduser() if earlier else None,
                self.filter.text().strip() or None,
            )
        )

    def wait_for(self, task: Task) -> None:
        """Until the task has ended nothing can be changed; leaving the dialog ends it."""
        self._task, self._left = task, self.focusWidget()
        self._fields.setEnabled(False)
        self._write.setEnabled(False)
        self._write.setText("Writing…")
        # A method of the dialog's own: it is no longer called when the dialog is gone.
        task.ended.connect(self._end_wait)

    def reject(self) -> None:
        if self._task is not None:
            self._task.cancel()
        super().reject()

    def _end_wait(self, result: object) -> None:
        self._task = None
        self._fields.setEnabled(True)
        self._write.setEnabled(True)
        self._write.setText("Write report")
        if self._left is not None:
            self._left.setFocus()
        if isinstance(result, KnownError):
            self.refuse(str(result))
        else:
            self.accept()

    def refuse(self, reason: str) -> None:
        """Says why the report could not be written; all input stays."""
        self.refusal.setText(reason)
        layout = self.layout()
        if layout is not None:
            # A dialog does not grow by itself with text that is broken into lines; its fields would be squeezed.
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))
