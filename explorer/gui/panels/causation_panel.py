"""What led to the event shown and what followed from it: as a picture, and as a tree for whoever prefers to read."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.application.causation import Graph, branches, graph
from explorer.application.faults import counted
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.causation_picture import Picture, node_in_words, title_of
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain, short_stream, tip
from explorer.gui.panels.seen import Seen
from explorer.gui.theme import Look, Theme, local_time, tabular

PATIENCE = 120
"""Milliseconds that an event must be shown for before its graph is looked up: not while the timeline is dragged."""
ID = Qt.ItemDataRole.UserRole


class CausationPanel(Seen):
    """Follows the event shown; going to another one shows that one's graph."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._theme = look.theme
        self._graph: Graph | None = None
        self._wanted: tuple[int, int] | None = None
        """The event whose graph is shown or on its way, and the log's length then."""
        self.heading = QLabel(self)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setWordWrap(True)
        self.heading.setProperty("role", "muted")
        self.picture = Picture(look.theme, self)
        self.tree = QTreeWidget(self)
        self.empty = Placeholder("", self)
        self.tabs = QTabWidget(self)
        self._pages = QStackedWidget(self)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE)
        self._patience.timeout.connect(self._fetch)
        self._lay_out()
        self.picture.go_wanted.connect(self._go)
        self.picture.moved.connect(self._point_in_tree)
        self.tree.itemActivated.connect(self._go_to_item)
        self.tree.currentItemChanged.connect(self._point_in_picture)
        look.changed.connect(self._take_theme)
        self._explain()

    def _lay_out(self) -> None:
        self.tree.setHeaderLabels(["Event", "What", "Stream", "Summary", "Who", "Time"])
        self.tree.setAccessibleName("Causes and effects as a list")
        self.tree.setFont(tabular(self.font()))
        self.tree.header().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.picture, "&Graph")
        self.tabs.addTab(self.tree, "&List")
        self._pages.addWidget(self.tabs)
        self._pages.addWidget(self.empty)
        space = self.fontMetrics().height() // 3
        self.heading.setMargin(space)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(self._pages, 1)
        self.setFocusProxy(self.picture)

    @property
    def graph(self) -> Graph | None:
        """What is shown."""
        return self._graph

    def show_answer(self, answer: Answer) -> None:
        record = answer.stream.record if answer.stream is not None else None
        if record is None:
            self._wanted = None
            self._patience.stop()
            self._show(None)
            return
        wanted = record.position, answer.status.checkpoint
        if wanted != self._wanted:
            self._wanted = wanted
            self._patience.start()
            self._explain()

    def _fetch(self) -> None:
        wanted = self._wanted
        if wanted is not None:
            self._looking.fetch(
                lambda session: graph(session, wanted[0]),
                lambda found: self._show(found) if wanted == self._wanted else None,
            )

    # What is shown

    def _show(self, found: Graph | None) -> None:
        if found is not None and found == self._graph:
            return
        self._graph = found
        self.picture.show_graph(found)
        self._fill_tree()
        self._explain()

    def _explain(self) -> None:
        found = self._graph
        self._pages.setCurrentIndex(int(found is None))
        self.heading.setVisible(found is not None)
        if found is None:
            self.empty.say(
                "No event is shown. Click an event to see what led to it and what followed."
                if self._wanted is None
                else "Looking up what led to it and what followed…"
            )
            return
        events = sum(node.row is not None for node in found.nodes)
        work = f" · piece of work …{str(found.correlation)[-12:]}" if found.correlation else " · of no piece of work"
        alone = " · nothing says what caused it, and nothing followed" if len(found.nodes) == 1 else ""
        self.heading.setText(
            f"Event {found.shown:,}: {counted(events, 'event')}{work}{alone}" + (f"\n{found.cut}" if found.cut else "")
        )

    def _fill_tree(self) -> None:
        self.tree.blockSignals(True)  # noqa: FBT003 - Qt's
        self.tree.clear()
        path: list[QTreeWidgetItem] = []
        for depth, node, again in branches(self._graph) if self._graph is not None else ():
            row = node.row
            texts = (
                [f"{row.position:,}", title_of(node), short_stream(row.stream), plain(row.summary), plain(row.actor),
                 local_time(row.time)]
                if row is not None
                else ["–", title_of(node), "", node.id, "", ""]
            )  # fmt: skip
            item = QTreeWidgetItem([*texts[:1], texts[1] + (" (see above)" if again else ""), *texts[2:]])
            item.setData(0, ID, node.id)
            item.setToolTip(1, tip(node_in_words(node)))
            item.setToolTip(3, tip(node_in_words(node)))
            item.setForeground(1, QColor(self._theme.kinds[row.kind] if row is not None else self._theme.muted))
            if self._graph is not None and node.position == self._graph.shown and not again:
                font = item.font(0)
                font.setBold(True)
                for column in range(self.tree.columnCount()):
                    item.setFont(column, font)
                item.setText(0, f"▶ {texts[0]}")
            del path[depth:]
            path[-1].addChild(item) if path else self.tree.addTopLevelItem(item)
            path.append(item)
        self.tree.expandAll()
        for column in (0, 1, 2, 4, 5):
            self.tree.resizeColumnToContents(column)
        self._point_in_tree(self.picture.current)
        self.tree.blockSignals(False)  # noqa: FBT003 - Qt's

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.picture.show_theme(theme)
        self._fill_tree()

    # Pointing and going

    def _point_in_tree(self, id_: str) -> None:
        for item in self.tree.findItems("*", Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive):
            if item.data(0, ID) == id_:
                self.tree.setCurrentItem(item)
                return

    def _point_in_picture(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and item.data(0, ID) != self.picture.current:
            self.picture.choose(item.data(0, ID))

    def _go_to_item(self, item: QTreeWidgetItem) -> None:
        self._go(item.data(0, ID))

    def _go(self, id_: str) -> None:
        """To an event; what is outside this log cannot be gone to."""
        node = next((node for node in (self._graph.nodes if self._graph else ()) if node.id == id_), None)
        if node is None:
            return
        if node.row is None:
            self._looking.told.emit("That cause is outside this log: there is no event to go to.")
            return
        self._looking.pause()
        self._looking.go_to(node.row.position, node.row.stream)
