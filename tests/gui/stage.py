"""A panel on the real thing: a store in a folder, its worker, what is looked at, and waiting for answers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.application.handle import Desk
from explorer.application.outside import Outside, uuid7
from explorer.application.session import Session
from explorer.application.view import Answer
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, OpenCart, SetNote
from explorer.domain.catalogue import ListProduct, product_stream
from explorer.domain.event import Metadata
from explorer.gui.looking import Looking
from explorer.gui.theme import Look
from explorer.gui.worker import Job, Worker

P = TypeVar("P", bound=QWidget)
START = 1_291_586_400_000_000
"""Sun 5 Dec 2010 22:00 UTC."""
MINUTE = 60_000_000
Step = tuple[str, object, str, str]
"""Stream, command, actor, reason."""


class _Counting(Worker):
    """Counts commands; what is fetched for a view is none."""

    def __init__(self, open_session: Callable[[], Session], parent: QObject) -> None:
        super().__init__(open_session, parent)
        self.given = self.carried_out = 0
        self.done.connect(self._finish)

    def do(self, ticket: object, job: Job) -> None:
        self.given += isinstance(ticket, str)
        super().do(ticket, job)

    def _finish(self, ticket: object) -> None:
        self.carried_out += isinstance(ticket, str)


class Stage:
    """Panels in a holder that is shown; `after` does something and waits for the answer to what is then asked."""

    def __init__(self, qtbot: QtBot, look: Look, store: Path) -> None:
        self._qtbot, self.look = qtbot, look
        self.holder = QWidget()
        self._worker = _Counting(lambda: Session(store, cache=store.parent / "cache"), self.holder)
        self.looking = Looking(self._worker, "ann", self.holder)

    def put(self, panel: Callable[[Looking, Look, QWidget], P], width: int = 900, height: int = 400) -> P:
        made = panel(self.looking, self.look, self.holder)
        made.setGeometry(0, 0, width, height)
        return made

    def open(self) -> None:
        self.holder.resize(1_000, 700)
        self.holder.show()
        self._worker.start()
        self.after(self.looking.ask_again)

    def after(self, act: Callable[[], object]) -> Answer:
        """What is answered to the question that stands when `act` is done, and when the commands are that it gave.

        That another process has verified the log meanwhile is answered as well, but is no answer to what was done here.
        """
        looking, worker = self.looking, self._worker
        given, before = worker.given, looking.answer

        def is_of_now(answer: Answer) -> bool:
            is_done = worker.given == given or (worker.carried_out == worker.given and not answer.status.lag)
            is_news = before is None or answer.question != before.question or _shown(answer) != _shown(before)
            return answer.question == looking.question and is_done and is_news

        with self._qtbot.waitSignal(looking.answered, check_params_cb=is_of_now):
            act()
        assert looking.answer is not None
        return looking.answer

    @property
    def answer(self) -> Answer:
        assert self.looking.answer is not None
        return self.looking.answer

    def close(self) -> None:
        self.looking.pause()
        self._worker.stop()
        self.holder.close()
        self.holder.deleteLater()


def _shown(answer: Answer) -> object:
    """Of which inputs all was made that an answer shows, but for what is known of trust."""
    keys = {part: key for part, key in answer.keys.items() if part not in ("standing", "damage")}
    return answer.generation, answer.status._replace(is_kept=False), keys


def fill(store: Path, steps: Sequence[Step]) -> None:
    """A store of what the commands cause, one a minute, and its caught-up cache."""
    ticks, numbers = iter(range(START, START + 10**15, MINUTE)), iter(range(10**9))
    now = [START]

    def clock() -> int:
        return now[0]

    world = Outside(clock, lambda: uuid7(START // 1_000, next(numbers).to_bytes(10, "big")))
    with Session(store, cache=store.parent / "cache", create=True, world=world) as session:
        desk = Desk(session)
        for stream, command, actor, reason in steps:
            now[0] = next(ticks)
            desk.decide(stream, command, Metadata(actor, reason, origin="test"), occurred_at=now[0])
            desk.append()  # one by one: together they would be in the order of the streams
        session.catch_up()


SHORT: Sequence[Step] = (
    (product_stream("22423"), ListProduct("22423", "Regency cakestand", 1_275, "GBP"), "catalogue", ""),
    (product_stream("85123"), ListProduct("85123", "White heart holder", 255, "GBP"), "catalogue", ""),
    ("cart-1001", OpenCart("Jane Doe", "Leeds"), "ann", ""),
    ("cart-1001", AddItem("85123", 6), "ann", ""),
    ("cart-1002", OpenCart("Omar Haddad", "Oslo"), "bob", ""),
    ("cart-1001", ChangeQuantity("85123", 12), "bob", "customer called"),
    ("cart-1002", AddItem("22423", 1), "bob", ""),
    ("cart-1001", SetNote("gift wrap"), "ann", ""),
    ("cart-1002", CheckOut(), "bob", ""),
    ("cart-1001", AddItem("22423", 2), "ann", ""),
)
"""Ten events: positions 3, 4, 6, 8 and 10 are cart-1001's."""


def long_steps(events: int) -> list[Step]:
    """A log in which every 7th event is of cart-lone, and every 50th a note."""
    steps: list[Step] = [SHORT[0], ("cart-lone", OpenCart("Li Wei", "Lyon"), "chi", "")]
    steps += [("cart-many", OpenCart("Zoë Müller", "Berlin"), "ann", "")]
    steps += [("cart-lone", AddItem("22423", 1), "chi", ""), ("cart-many", AddItem("22423", 1), "ann", "")]
    for number in range(len(steps) + 1, events + 1):
        stream, actor = ("cart-lone", "chi") if number % 7 == 0 else ("cart-many", "ann")
        command = SetNote(f"note {number}") if number % 50 == 0 else ChangeQuantity("22423", 2 + number % 9_000)
        steps.append((stream, command, actor, ""))
    return steps
