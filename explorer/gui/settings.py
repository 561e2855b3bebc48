"""What a window remembers between two starts: layout, theme, recent stores, and the place in each store."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple, cast

from PySide6.QtCore import QByteArray, QSettings

from explorer.application import outside

RECENT = 10


class Place(NamedTuple):
    """Where the user was in a store."""

    as_of: int | None
    stream: str | None


class Settings:
    """A small file in the user's configuration folder. Anything unreadable in it counts as not there."""

    def __init__(self, path: Path | None = None) -> None:
        place = path or outside.config_folder() / "window.ini"
        self._file = QSettings(str(place), QSettings.Format.IniFormat)

    def text(self, name: str, default: str = "") -> str:
        value: Any = self._file.value(name, default)
        return value if isinstance(value, str) else default

    def set_text(self, name: str, value: str) -> None:
        self._file.setValue(name, value)

    def state(self, name: str) -> QByteArray:
        value: Any = self._file.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_state(self, name: str, value: QByteArray) -> None:
        self._file.setValue(f"layout/{name}", value)

    def forget_layout(self) -> None:
        self._file.remove("layout")

    @property
    def recent(self) -> list[Path]:
        """The stores last opened, the latest first."""
        value: Any = self._file.value("recent", [])
        names: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
        return [Path(name) for name in names if isinstance(name, str) and name]

    def remember(self, store: Path) -> None:
        recent = [store, *(path for path in self.recent if path != store)]
        self._file.setValue("recent", [str(path) for path in recent[:RECENT]])

    def place(self, store: Path) -> Place:
        position, _, stream = self.text(_key(store)).partition(" ")
        return Place(int(position) if position.isdecimal() else None, stream or None)

    def set_place(self, store: Path, place: Place) -> None:
        position = "now" if place.as_of is None else str(place.as_of)
        self.set_text(_key(store), f"{position} {place.stream or ''}")

    def save(self) -> None:
        self._file.sync()


def _key(store: Path) -> str:
    return f"places/{hashlib.sha256(str(store).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
