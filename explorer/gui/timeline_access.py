"""The timeline for those who do not see it: a slider whose value is the cursor's time.

PySide6 6.11 hands Python subclasses of QAccessibleWidget and QAccessibleValueInterface through to the platform. Its
traps, each met with an AT-SPI client at the other end: from `interface_cast` an int and even None are taken for
addresses and end the process, so it returns a VoidPtr, always; and the objects that a factory makes are never freed
(one a timeline), so they hold the widget weakly.
"""

import weakref
from functools import cache
from typing import Any, cast

from PySide6.QtGui import QAccessible, QAccessibleValueChangeEvent, QAccessibleValueInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from shiboken6 import VoidPtr, getCppPointer

_NULL = VoidPtr(0)


class ValuedWidget(QWidget):
    """A widget that has a value for assistive technology."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        _install()

    def value_range(self) -> tuple[float, float]:
        raise NotImplementedError

    def value_now(self) -> float:
        raise NotImplementedError

    def value_in_words(self) -> str:
        raise NotImplementedError

    def take_value(self, value: float) -> None:
        """Assistive technology sets the value."""
        raise NotImplementedError

    def tell_value(self) -> None:
        """To be called when the value has changed."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, self.value_now()))


class _Value(QAccessibleValueInterface):
    def __init__(self, widget: ValuedWidget) -> None:
        super().__init__()
        self._widget = weakref.ref(widget)

    def currentValue(self) -> float:
        widget = self._widget()
        return widget.value_now() if widget is not None else 0.0

    def minimumValue(self) -> float:
        widget = self._widget()
        return widget.value_range()[0] if widget is not None else 0.0

    def maximumValue(self) -> float:
        widget = self._widget()
        return widget.value_range()[1] if widget is not None else 0.0

    def minimumStepSize(self) -> float:
        return 0.0

    def setCurrentValue(self, value: Any) -> None:
        widget = self._widget()
        if widget is not None:
            widget.take_value(float(value))


class _Accessible(QAccessibleWidget):
    def __init__(self, widget: ValuedWidget) -> None:
        super().__init__(widget, QAccessible.Role.Slider)
        self._widget = weakref.ref(widget)
        self._value = _Value(widget)

    def text(self, t: QAccessible.Text, /) -> str:
        widget = self._widget()
        if t == QAccessible.Text.Value and widget is not None:
            return widget.value_in_words()
        return super().text(t)

    def interface_cast(self, t: QAccessible.InterfaceType, /) -> Any:
        if t == QAccessible.InterfaceType.ValueInterface:
            return VoidPtr(getCppPointer(self._value)[0])
        found: VoidPtr | None = cast("Any", super()).interface_cast(t)  # the stub says int
        return found if found is not None else _NULL


def _accessible(class_name: str, widget: object) -> _Accessible | None:
    del class_name
    return _Accessible(widget) if isinstance(widget, ValuedWidget) else None


@cache
def _install() -> None:
    """Once a process."""
    QAccessible.installFactory(_accessible)
