"""The chosen stream as of the moment: a cart to be edited, or the state of any other stream as a tree."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from explorer.application.conflict import Between, came_between
from explorer.application.kinds import spoken
from explorer.application.stream_view import StreamView
from explorer.application.view import Answer
from explorer.domain.cart import (
    Abandon,
    ApplyCoupon,
    ChangeQuantity,
    CheckOut,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    SetNote,
)
from explorer.domain.event import Metadata
from explorer.errors import Conflict
from explorer.gui.looking import Looking
from explorer.gui.meant import Clash
from explorer.gui.panels.cart_form import CartForm
from explorer.gui.panels.cart_words import PAST, why_not
from explorer.gui.panels.conflict_strip import ConflictStrip
from explorer.gui.panels.elided import Elided
from explorer.gui.panels.picking import follow_picks
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain, short_stream, shown, whole_stream
from explorer.gui.panels.rows import MORE
from explorer.gui.panels.sight import Sight, is_same
from explorer.gui.panels.state_tree import StateTree
from explorer.gui.theme import Look, Theme

_QUANTITY, _REMOVAL = "quantity:", "remove:"
"""What the names of the fields that a line has begin with."""


class CartEditor(QWidget):
    """Sends what the user wants of the cart shown, decided upon what was shown; and hands replies to their fields."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking, self._theme = looking, look.theme
        self._stream: StreamView | None = None
        self._was_now = True
        self._locked = ""
        self._sight: Sight | None = None
        self._under_way: deque[_Sent] = deque()
        self.conflict = ConflictStrip(looking, self)
        self.cart = CartForm(look.theme, self)
        self.empty = Placeholder("", self)
        self.other = QWidget(self)
        self.title, self.tree = Elided(self.other, "heading"), StateTree(self.other)
        self._pages = QStackedWidget(self)
        self._lay_out()
        self._connect(looking, look)
        self._draw()

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 3
        page = QVBoxLayout(self.other)
        page.setContentsMargins(2 * space, space, 2 * space, 2 * space)
        page.setSpacing(space)
        page.addWidget(self.title)
        page.addWidget(self.tree, 1)
        for each in (self.empty, self.cart, self.other):
            self._pages.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.conflict)
        column.addWidget(self._pages, 1)

    def _connect(self, looking: Looking, look: Look) -> None:
        cart = self.cart
        cart.lines.quantity_changed.connect(self._change_quantity)
        cart.lines.removed.connect(self._remove)
        cart.lines.near_end.connect(self._ask_more_lines)
        cart.coupon.wanted.connect(self._apply_coupon)
        cart.apply.clicked.connect(cart.coupon.want)
        cart.remove_coupon.clicked.connect(lambda: self._send(RemoveCoupon(), "remove_coupon"))
        cart.note.wanted.connect(self._set_note)
        cart.note.overtaken.connect(self._tell_of_note)
        cart.lines.overtaken.connect(self._tell_of_quantity)
        cart.coupon.dropped.connect(cart.refusals["coupon"].clear)
        cart.note.dropped.connect(cart.refusals["note"].clear)
        cart.note.dropped.connect(lambda: looking.show_clash(None))
        cart.lines.dropped.connect(lambda: looking.show_clash(None))
        cart.check_out.clicked.connect(lambda: self._send(CheckOut(), "check_out"))
        cart.abandon.clicked.connect(lambda: self._send(Abandon(), "abandon"))
        cart.reopen.clicked.connect(lambda: self._send(Reopen(), "reopen"))
        follow_picks(looking, cart.lines)
        follow_picks(looking, self.tree)
        looking.asked.connect(self._follow)
        looking.answered.connect(self._show)
        looking.conflicted.connect(self._take_conflict)
        looking.refused.connect(self._take_refusal)
        looking.accepted.connect(self._take_acceptance)
        look.changed.connect(self._take_theme)

    # What is shown

    def _show(self, answer: Answer) -> None:
        self._was_now = answer.status.is_now
        locked = self._why_not()
        if not is_same(answer.stream, self._stream) or locked != self._locked:
            self._stream, self._locked = answer.stream, locked
            self._see()
            self._draw()

    def _follow(self) -> None:
        """From the moment on that the past is asked for, nothing can be changed; nor until now is answered."""
        locked = self._why_not()
        if locked != self._locked:
            self._locked = locked
            self._draw()

    def _why_not(self) -> str:
        return why_not(self._looking) if self._was_now else PAST

    def _see(self) -> None:
        """What is shown now is what the next commands are decided upon, once those under way are through."""
        stream = self._stream
        if stream is None or self._locked:
            return
        if (
            self._sight is None
            or self._sight.stream != stream.stream
            or (self._sight.version != stream.version and not self._under_way)
        ):
            self._sight = Sight(stream.stream, stream.version)

    def _draw(self) -> None:
        stream = self._stream
        if stream is None:
            self.empty.say("Choose a cart in the list, or open a new one with Ctrl+N.")
            self._pages.setCurrentWidget(self.empty)
        elif stream.cart is not None:
            self.cart.show_cart(stream, stream.cart, self._theme, self._locked)
            self._pages.setCurrentWidget(self.cart)
        elif stream.version == 0:
            name = whole_stream(stream.stream)
            self.empty.say(
                f"{name} has not begun. Choose another, or open a new one with Ctrl+N."
                if self._looking.is_now
                else f"{name} had not begun at this moment. Go on in time, or choose another."
            )
            self._pages.setCurrentWidget(self.empty)
        else:
            self.title.say(f"{short_stream(stream.stream)} · version {stream.version:,}", plain(stream.stream))
            self.tree.show_states(stream.before, stream.after, stream.changes, self._theme)
            self._pages.setCurrentWidget(self.other)

    def _ask_more_lines(self) -> None:
        stream, limit = self._stream, self._looking.question.line_limit
        if stream is not None and stream.cart is not None and len(stream.lines) == limit < stream.cart.lines:
            self._looking.look(line_limit=limit + MORE)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.cart.lines.show_theme(theme)
        self._draw()

    # What the user wants

    def _change_quantity(self, line: str, quantity: int) -> None:
        self._send(ChangeQuantity(line, quantity), _QUANTITY + line)

    def _remove(self, line: str) -> None:
        self._send(RemoveItem(line), _REMOVAL + line)

    def _apply_coupon(self, code: str) -> None:
        self._send(ApplyCoupon(code.strip()), "coupon")

    def _set_note(self, note: str) -> None:
        self._send(SetNote(note), "note")

    def _send(self, command: object, field: str) -> None:
        sight = self._sight
        if sight is None:
            return
        self._give(_Sent(field, sight, self.cart.reason.text().strip(), command))

    def _give(self, sent: "_Sent") -> None:
        self._under_way.append(sent)
        about = Metadata(self._looking.actor, sent.reason, origin="window")
        self._looking.do(sent.sight.job(sent.command, about), sent.field)

    # What became of it

    def _take_conflict(self, field: str, conflict: Conflict) -> None:
        """Looks up what came between, so that the user may put his change on top of it."""
        sent = self._under_way[0] if self._under_way else None
        if sent is None or sent.field != field or conflict.stream != sent.sight.stream:
            return

        def show(between: Between) -> None:
            again = sent._replace(sight=Sight(between.stream, between.met))
            if self._stream is not None and self._stream.stream == between.stream:
                self._looking.show_clash(Clash(between, _words(sent.command), lambda: self._try_again(again)))

        self._looking.fetch(lambda session: came_between(session, conflict), show)

    def _tell_of_note(self, note: str, seen: int) -> None:
        self._tell_overtaken(SetNote(note), seen, self.cart.note.want_on_top)

    def _tell_of_quantity(self, line: str, quantity: int, seen: int) -> None:
        def retry() -> None:
            if (spin := self.cart.lines.spin_of(line)) is not None:
                spin.want_on_top()

        self._tell_overtaken(ChangeQuantity(line, quantity), seen, retry)

    def _tell_overtaken(self, command: object, seen: int, retry: Callable[[], None]) -> None:
        """What the user is changing was changed by somebody else meanwhile: shown before it is overwritten unseen."""
        stream = self._stream
        if stream is None:
            return

        def show(between: Between) -> None:
            if self._stream is not None and self._stream.stream == between.stream:
                self._looking.show_clash(Clash(between, _words(command), retry))

        conflict = Conflict(stream.stream, seen, stream.version)
        self._looking.fetch(lambda session: came_between(session, conflict), show)

    def _try_again(self, sent: "_Sent") -> None:
        self._sight = sent.sight
        self._give(sent)

    def _take_refusal(self, field: str, reason: str) -> None:
        sight, _ = self._reply(field)
        if sight is None:
            return
        if self._stream is None or sight.stream != self._stream.stream:
            self._looking.told.emit(f"{short_stream(sight.stream)}: {reason}")
        elif field.startswith((_QUANTITY, _REMOVAL)):
            self.cart.lines.refuse(field.partition(":")[2], reason)
        else:
            self.cart.refuse(field, reason)

    def _take_acceptance(self, field: str) -> None:
        sight, reason = self._reply(field)
        if sight is None:
            return
        if reason and self.cart.reason.text().strip() == reason:
            self.cart.reason.clear()
        if self._stream is None or sight.stream != self._stream.stream:
            return
        if field.startswith((_QUANTITY, _REMOVAL)):
            self.cart.lines.accept(field.partition(":")[2])
        else:
            self.cart.accept(field)

    def _reply(self, field: str) -> tuple[Sight | None, str]:
        """Whether it is the reply to the first command under way: they are carried out in order."""
        if not self._under_way or self._under_way[0].field != field:
            return None, ""
        sent = self._under_way.popleft()
        return sent.sight, sent.reason


class _Sent(NamedTuple):
    """A command on its way: the name of its input, what it was decided upon, and why it is given."""

    field: str
    sight: Sight
    reason: str
    command: object


def _words(command: object) -> str:
    """A command for people: `change quantity 85123, 7`."""
    values = (shown(value) for value in msgspec.to_builtins(command).values() if value != "")
    return f"{spoken(type(command).__name__)} {', '.join(values)}".strip()
