"""What differs between the moment shown and a second one: of the chosen stream, or of the whole store."""

from collections.abc import Sequence

from PySide6.QtCore import QMargins, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QRadioButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from explorer.application.comparison import Comparison
from explorer.application.history import Value
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.meant import Picked
from explorer.gui.panels.changes_table import ChangesTable
from explorer.gui.panels.compare_words import (
    about_sides,
    heading,
    product_cells,
    stream_cells,
    stream_note,
    total_cells,
)
from explorer.gui.panels.elided import Elided
from explorer.gui.panels.listing import Listing
from explorer.gui.panels.picking import follow_picks
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import short_stream
from explorer.gui.panels.rows import Column, Rows
from explorer.gui.theme import Look, Theme, tabular

HOW = (
    "Nothing to compare with yet. Ctrl+D compares with the stream's event before, Ctrl+Shift+D with now; "
    "Ctrl+Alt+D pins this moment as B, then go elsewhere. In the timeline, Alt+drag places B."
)
TOTALS = (
    Column("Total", takes_rest=True),
    Column("", sample="GBP", spoken="Currency"),
    Column("Before", is_number=True, sample="000,000"),
    Column("After", is_number=True, sample="000,000"),
    Column("Difference", is_number=True, sample="000,000", rank=1),
)
STREAMS = (
    Column("Last event", is_number=True, sample="000,000", rank=2),
    Column("Stream", sample="product PAP-405"),
    Column("Versions", is_number=True, sample="0 → 00", rank=1),
    Column("Events", is_number=True, sample="00", rank=3),
    Column("What differs", takes_rest=True),
)
PRODUCTS = (
    Column("Number", sample="00000AA", rank=4),
    Column("Name", takes_rest=True),
    Column("Price", is_number=True, sample="0.00", rank=3),
    Column("In carts", is_number=True, sample="00 → 00", rank=1),
    Column("Sold", is_number=True, sample="00 → 00"),
    Column("Removed", is_number=True, sample="0 → 0", rank=5),
    Column("Revenue", is_number=True, sample="00.00 → 00.00", rank=2),
)
PARTS = ("Totals", "Streams", "Products")
TOTALS_PART, STREAMS_PART, PRODUCTS_PART = range(len(PARTS))


class ComparePanel(Listing):
    """Both sides by name; a switch between the stream and the whole store; what differs."""

    swap_wanted = Signal()
    end_wanted = Signal()

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, "compare_limit", parent)
        self._looking, self._theme = looking, look.theme
        self._compared: Comparison | None = None
        self.title = Elided(self, "heading")
        self.title.setFont(tabular(self.font()))
        self.title.setAccessibleName("Both moments")
        self.of_stream = QRadioButton("This stream", self)
        self.of_store = QRadioButton("Whole store", self)
        self.swap = QPushButton("Swap", self)
        self.swap.setToolTip("Go to B; B is then where you were")
        self.end = QPushButton("End", self)
        self.end.setToolTip("Compare no longer (Ctrl+Shift+X)")
        self.parts = QTabBar(self)
        self.parts.setAccessibleName("What of the whole store")
        self.parts.setExpanding(False)
        self.parts.setDrawBase(False)
        self.changes, self.fields = ChangesTable(self), ChangesTable(self)
        self.totals = Rows("Totals that differ", TOTALS, self)
        self.streams = Rows("Streams that changed", STREAMS, self)
        self.products = Rows("Products that changed", PRODUCTS, self)
        self.empty = Placeholder("Compare with now", self)
        self._lay_out()
        self._connect(looking, look)
        self.empty.say(HOW, has_way_out=True)

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 4
        switch = QButtonGroup(self)
        for button in (self.of_stream, self.of_store):
            switch.addButton(button)
        self.of_stream.setChecked(True)
        for part in PARTS:
            self.parts.addTab(part)
        self.parts.setCurrentIndex(STREAMS_PART)
        self._of_streams = QSplitter(Qt.Orientation.Vertical, self)
        self._of_streams.setChildrenCollapsible(False)
        for widget, share in ((self.streams, 3), (self.fields, 2)):
            self._of_streams.addWidget(widget)
            self._of_streams.setStretchFactor(self._of_streams.indexOf(widget), share)
        self.none = Placeholder("", self)
        self._pages = QStackedWidget(self)
        for page in (self.empty, self.none, self.changes, self.totals, self._of_streams, self.products):
            self._pages.addWidget(page)
        self._head, names, tools = QWidget(self), QHBoxLayout(), QHBoxLayout()
        names.addWidget(self.title)
        names.addStretch(1)
        for widget in (self.swap, self.end):
            names.addWidget(widget)
        tools.setSpacing(2 * space)
        for widget in (self.of_stream, self.of_store, self.parts):
            tools.addWidget(widget)
        tools.addStretch(1)
        head = QVBoxLayout(self._head)
        head.setContentsMargins(QMargins(2 * space, space, 2 * space, space))
        head.setSpacing(space)
        head.addLayout(names)
        head.addLayout(tools)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._pages, 1)

    def _connect(self, looking: Looking, look: Look) -> None:
        self.of_stream.clicked.connect(lambda: looking.look(compare_whole=False))
        self.of_store.clicked.connect(lambda: looking.look(compare_whole=True))
        self.parts.currentChanged.connect(self._show_part)
        self.streams.chosen.connect(self._show_fields)
        self.streams.activated_key.connect(looking.choose_stream)
        self.swap.clicked.connect(self.swap_wanted)
        self.end.clicked.connect(self.end_wanted)
        for rows in (self.streams, self.products):
            rows.near_end.connect(self._ask_more)
            self.follow(rows)
        follow_picks(looking, self.changes)
        self.fields.picked.connect(self._pick)
        self.fields.offering.connect(self._offer)
        looking.asked.connect(self._check)
        look.changed.connect(self._take_theme)

    def _pick(self, path: str, value: Value) -> None:
        """The stream that is selected need not be the chosen one."""
        self._looking.pick(Picked(path, value, "state", self.streams.current_key() or ""))

    def _offer(self, menu: QMenu) -> None:
        self._looking.menu_opening.emit("field", menu)

    def _ask_more(self) -> None:
        """The part in view decides; behind it the others grow along."""
        compared = self._compared
        if compared is not None and compared.wanted.is_whole:
            of_products = self.parts.currentIndex() == PRODUCTS_PART
            self.ask_more(len(compared.products if of_products else compared.streams))

    def _check(self) -> None:
        is_whole = self._looking.question.compare_whole
        for button, is_on in ((self.of_store, is_whole), (self.of_stream, not is_whole)):
            button.setChecked(is_on)

    def focus_shown(self) -> None:
        """For the window's "Show comparison"."""
        page = self._pages.currentWidget()
        aims: dict[QWidget | None, QWidget] = {self.empty: self.empty.button, self._of_streams: self.streams}
        aim = self.of_stream if page is None or page is self.none else aims.get(page, page)
        aim.setFocus(Qt.FocusReason.OtherFocusReason)

    # What is shown

    def show_answer(self, answer: Answer) -> None:
        compared = answer.comparison
        if (compared is self._compared and compared is not None) or not (compared is None or self.is_listed(answer)):
            return
        self._compared = compared
        self._check()
        self._head.setVisible(compared is not None)
        if compared is None:
            self.empty.button.setText("Compare with previous" if answer.status.is_now else "Compare with now")
            self._pages.setCurrentWidget(self.empty)
            return
        is_now = compared.later.position == answer.status.checkpoint
        self.title.say(heading(compared, is_now=is_now), about_sides(compared))
        self.parts.setVisible(compared.wanted.is_whole)
        self._fill(compared)
        self._show_part()

    def _fill(self, compared: Comparison) -> None:
        if not compared.wanted.is_whole:
            if compared.stream is not None:
                change = compared.stream
                note = f"{short_stream(change.stream)} · {stream_note(change)}"
                self.changes.show_list(change.changes, note, change.currency, self._theme)
            return
        for part, held in enumerate((compared.totals, compared.streams, compared.products)):
            more = "+" if part != TOTALS_PART and len(held) == compared.wanted.limit else ""
            self.parts.setTabText(part, f"{PARTS[part]} {len(held):,}{more}")
        totals, streams, products = compared.totals, compared.streams, compared.products
        names = [f"{row.currency} {row.name}" for row in totals]
        self.totals.show_rows(names, lambda row: total_cells(totals[row], self._theme), totals)
        names = [row.stream for row in streams]
        self.streams.show_rows(names, lambda row: stream_cells(streams[row], self._theme), streams)
        names = [row.sku for row in products]
        self.products.show_rows(names, lambda row: product_cells(products[row], self._theme), products)
        if streams and self.streams.current_key() is None:
            self.streams.choose_key(streams[0].stream)
        self._show_fields()

    def _show_fields(self) -> None:
        """The fields of the stream that is selected."""
        key, compared = self.streams.current_key(), self._compared
        found = next((row for row in compared.streams if row.stream == key), None) if compared else None
        if found is None:
            self.fields.show_list((), "", "", self._theme)
        else:
            note = f"{short_stream(found.stream)} · {stream_note(found)}"
            self.fields.show_list(found.changes, note, found.currency, self._theme)

    def _show_part(self) -> None:
        compared = self._compared
        if compared is None:
            return
        if not compared.wanted.is_whole:
            if compared.stream is None:
                self.none.say("No stream is chosen. Choose one, or compare the whole store.")
            self._pages.setCurrentWidget(self.none if compared.stream is None else self.changes)
            return
        part = self.parts.currentIndex()
        held: Sequence[object] = (compared.totals, compared.streams, compared.products)[part]
        pages = (self.totals, self._of_streams, self.products)
        if not held:
            self.none.say(f"Nothing differs: no {PARTS[part].lower()[:-1]} changed between both moments.")
        self._pages.setCurrentWidget(pages[part] if held else self.none)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        for rows in (self.totals, self.streams, self.products):
            rows.forget_sources()
        if self._compared is not None:
            self._fill(self._compared)
