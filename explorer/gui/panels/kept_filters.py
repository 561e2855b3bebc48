"""The filters that a window remembers: the last ones, and those that were given a name."""

from typing import NamedTuple

import msgspec

from explorer.gui.settings import Settings

RECENT = 12


class Kept(NamedTuple):
    """`saved` are names and texts, in the order of the names; `recent` texts, the latest first."""

    saved: tuple[tuple[str, str], ...] = ()
    recent: tuple[str, ...] = ()


class KeptFilters:
    """Kept in the settings; without them, as long as the window lives."""

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings
        self._kept = _read(settings.text("filters")) if settings else Kept()

    @property
    def kept(self) -> Kept:
        return self._kept

    def remember(self, text: str) -> None:
        """A filter that was in force."""
        recent = (text, *(one for one in self._kept.recent if one != text))
        self._keep(self._kept._replace(recent=recent[:RECENT]))

    def save(self, name: str, text: str) -> None:
        """A filter under a name; one that has the name already is replaced."""
        self._keep(self._kept._replace(saved=tuple(sorted({**dict(self._kept.saved), name: text}.items()))))

    def forget(self, name: str) -> None:
        self._keep(self._kept._replace(saved=tuple(pair for pair in self._kept.saved if pair[0] != name)))

    def _keep(self, kept: Kept) -> None:
        self._kept = kept
        if self._settings:
            self._settings.set_text("filters", msgspec.json.encode(kept).decode())


def _read(text: str) -> Kept:
    try:
        return msgspec.json.decode(text, type=Kept)
    except msgspec.DecodeError:
        return Kept()
