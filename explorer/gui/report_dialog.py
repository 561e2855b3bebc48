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

from explorer.application.reports.names import file_name
from explorer.application.view import Answer

FORMATS = {
    "html": "HTML page", "pdf": "PDF, A4", "xlsx": "Excel workbook", "csv": "CSV table", "json": "JSON",
    "bundle": "Audit bundle, to be checked without this program",
}  # fmt: skip


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


class ReportDialog(QDialog):
    """`wished` carries a Wish; the dialog stays open, with its input, until the task was accepted."""

    wished = Signal(object)

    def __init__(self, answer: Answer, folder: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("report_dialog")
        self.setWindowTitle("Write audit report")
        status, stream = answer.status, answer.question.stream
        self._stream = stream
        self._as_of = None if status.is_now else str(status.as_of)
        self._whole = QRadioButton("The &whole store", self)
        self._one = QRadioButton(f"The &stream {stream}" if stream else "One &stream (none is chosen)", self)
        self._one.setEnabled(stream is not None)
        (self._one if stream else self._whole).setChecked(True)
        choice = QButtonGroup(self)
        choice.addButton(self._whole)
        choice.addButton(self._one)
        self.start = self._line("first event or time", "From")
        self._end = self._line(f"last event or time; now: {status.checkpoint:,}", "To")
        self._actor = QComboBox(self)
        self._actor.addItem("Everybody", None)
        for actor in answer.actors:
            self._actor.addItem(actor, actor)
        self._format = QComboBox(self)
        for name, words in FORMATS.items():
            self._format.addItem(words, name)
        self._format.currentIndexChanged.connect(self._follow_format)
        self.path = self._line("", "File")
        self.path.setText(str(suggested(folder, status.store, stream)))
        self._browse = QPushButton("&Browse…", self)
        self._browse.clicked.connect(self._choose_path)
        self.since = self._line("a checkpoint that the auditor has kept, if any", "Earlier checkpoint")
        self._browse_since = QPushButton("B&rowse…", self)
        self._browse_since.clicked.connect(self._choose_since)
        for widget in (self.since, self._browse_since):
            widget.setEnabled(False)
            widget.setToolTip("A bundle can prove that the log continues it")
        self.refusal = QLabel(self)
        self.refusal.setProperty("role", "refusal")
        self.refusal.setWordWrap(True)
        self.refusal.setTextFormat(self.refusal.textFormat().PlainText)
        self._lay_out(answer)

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
        form = QFormLayout()
        form.addRow("Covers", scope)
        form.addRow(self._label("&Range", self.start), span)
        form.addRow("Done &by", self._actor)
        moment = "now" if self._as_of is None else f"event {answer.status.as_of:,}, which you are looking at"
        form.addRow("As of", QLabel(moment, self))
        form.addRow("&Format", self._format)
        form.addRow(self._label("F&ile", self.path), place)
        earlier = QHBoxLayout()
        earlier.addWidget(self.since)
        earlier.addWidget(self._browse_since)
        form.addRow(self._label("&Earlier checkpoint", self.since), earlier)
        buttons = QDialogButtonBox(self)
        write = buttons.addButton("Write report", QDialogButtonBox.ButtonRole.AcceptRole)
        write.setProperty("primary", "true")
        write.setObjectName("write")
        write.setDefault(True)
        write.style().polish(write)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.wish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.refusal)
        column.addWidget(buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 80, self.sizeHint().height())

    def _follow_format(self) -> None:
        path, chosen = Path(self.path.text()), self._format.currentData()
        if path.suffix in map(ending, FORMATS):
            self.path.setText(str(path.with_suffix(ending(chosen))))
        for widget in (self.since, self._browse_since):
            widget.setEnabled(chosen == "bundle")

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
        self.wished.emit(
            Wish(
                self._format.currentData(),
                Path(self.path.text()).expanduser(),
                self._stream if self._one.isChecked() else None,
                self._actor.currentData(),
                self.start.text().strip() or None,
                self._end.text().strip() or None,
                self._as_of,
                Path(earlier).expanduser()
                if (earlier := self.since.text().strip()) and self.since.isEnabled()
                else None,
            )
        )

    def refuse(self, reason: str) -> None:
        """Says why the report could not be begun; all input stays."""
        self.refusal.setText(reason)
