"""Icons are drawn in the theme's colour."""

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from explorer.errors import Missing
from explorer.gui.icons import icon
from explorer.gui.rooms import every_action
from explorer.gui.theme import DARK, LIGHT


@pytest.mark.parametrize("name", sorted({action.icon for action in every_action() if action.icon} | {"pause"}))
def test_every_icon_is_there_and_tinted(qapp: QApplication, name: str) -> None:
    images = [icon(name, theme).pixmap(32).toImage() for theme in (LIGHT, DARK)]
    for image, theme in zip(images, (LIGHT, DARK), strict=True):
        colours = {
            image.pixelColor(x, y).name() for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255
        }
        assert theme.text in colours
    assert images[0] != images[1]


def test_disabled_is_paler(qapp: QApplication) -> None:
    made = icon("play", LIGHT)
    assert made.pixmap(16, QIcon.Mode.Disabled).toImage() != made.pixmap(16).toImage()


def test_an_icon_that_is_not_there(qapp: QApplication) -> None:
    with pytest.raises(Missing):
        icon("no-such-icon", LIGHT)
