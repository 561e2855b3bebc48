"""What is under the pointer on the timeline: to be clicked, and in words."""

from datetime import tzinfo
from typing import NamedTuple

from PySide6.QtCore import QPointF

from explorer.application.stream_view import Mark
from explorer.application.timeline import mark_at
from explorer.application.trust import Damage
from explorer.gui.finding_signs import found_in_words
from explorer.gui.panels.bookmark_words import flags_in_words
from explorer.gui.timeline_canvas import Canvas
from explorer.gui.timeline_damage import DamageLines
from explorer.gui.timeline_findings import FindingSigns
from explorer.gui.timeline_flags import FlagPoles
from explorer.gui.timeline_words import bar_in_words, damage_in_words, mark_in_words
from explorer.projections.bookmarks import BookmarkRow


class Under(NamedTuple):
    """Points are the canvas's; `reach` is how many pixels beside a line or a mark still hit it."""

    canvas: Canvas
    damage: DamageLines
    flags: FlagPoles
    findings: FindingSigns

    def mark(self, point: QPointF, reach: int) -> Mark | None:
        room, viewport, lane = self.canvas.room, self.canvas.scene_now.viewport, self.canvas.lane
        if viewport is None or not room.lane <= point.y() < room.height:
            return None
        index = mark_at(lane.times, point.x(), viewport, room.width, reach)
        return lane.marks[index] if index is not None else None

    def event(self, point: QPointF, reach: int) -> int | None:
        """The position of what can be clicked: damage first, then bookmarks and what a rule has found."""
        found = self._damage(point, reach) or self._flags(point, reach) or self.findings.under(point)
        mark = self.mark(point, reach)
        return found[0].position if found else mark.position if mark is not None else None

    def words(self, point: QPointF, reach: int, zone: tzinfo | None) -> str:
        """Plain text of several lines."""
        viewport, lane = self.canvas.scene_now.viewport, self.canvas.lane
        if viewport is None:
            return ""
        if damage := self._damage(point, reach):
            return damage_in_words(damage)
        if flags := self._flags(point, reach):
            return flags_in_words(flags)
        if found := self.findings.under(point):
            return found_in_words(found)
        mark = self.mark(point, reach)
        if mark is not None:
            return mark_in_words(mark, lane.crowd_of(mark), zone, lane.coloured.get(mark.position))
        return bar_in_words(self.canvas.bars.activity, viewport.time_at(point.x(), self.canvas.room.width), zone)

    def _damage(self, point: QPointF, reach: int) -> list[Damage]:
        is_in_plot = 0 <= point.y() < self.canvas.room.height
        return self.damage.near(point.x(), reach) if is_in_plot else []

    def _flags(self, point: QPointF, reach: int) -> list[BookmarkRow]:
        is_at_flag = 0 <= point.y() < self.flags.height
        return self.flags.near(point.x() - reach / 2, reach) if is_at_flag else []
