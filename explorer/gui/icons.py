"""Icons: strokes of 16 pixels in `resources/icons`, drawn in the theme's colours at every size a screen may ask for."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from explorer.application.resources import resource
from explorer.gui.theme import Theme

SIZES = (16, 20, 24, 32, 48, 64)


def icon(name: str, theme: Theme) -> QIcon:
    """The icon `resources/icons/NAME.svg`; paler where its button is disabled."""
    return _drawn(name, theme.text, theme.line)


@lru_cache(maxsize=200)
def _drawn(name: str, colour: str, pale: str) -> QIcon:
    drawing = resource("icons", f"{name}.svg").read_text("utf-8")
    result = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, pale)):
        renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", tint).encode()))
        for size in SIZES:
            result.addPixmap(_pixmap(renderer, size), mode)
    return result


def _pixmap(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
