"""How far the store can be trusted, in words: one state after the other."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytestqt.qtbot import QtBot

from explorer.application.checkpoints import Known
from explorer.application.trust import CLOSED, FAILED, Standing
from explorer.application.verification import Trust
from explorer.application.verified import Verified
from explorer.gui.panels.damage_strip import DamageStrip
from explorer.gui.theme import day_of, local_time
from explorer.gui.trust_words import headline, in_short, signature, spoken
from explorer.proof.checkpoint import Checkpoint, origin_of, read_checkpoint, sign_checkpoint
from explorer.proof.note import Key

AT = 1_291_586_400_000_000
TODAY = day_of(AT)
TIME = local_time(AT).split()[-1][:5]
STORE = UUID(int=7)
OWN, OLD = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))


def key(private: Ed25519PrivateKey) -> Key:
    return Key(origin_of(STORE), private.public_key().public_bytes_raw())


def known(size: int, by: Ed25519PrivateKey = OWN) -> Known:
    signed = sign_checkpoint(Checkpoint(origin_of(STORE), size, b"r" * 32), by)
    return Known(Path("one.checkpoint"), b"", *read_checkpoint(signed.note.encode()), AT)


@dataclass(frozen=True)
class Told:
    """What is known, in short."""

    size: int = 0
    damaged: tuple[int, ...] = ()
    fails: bool = False
    log: bool = True
    stopped: int = 0
    alarm: str = ""
    signed: int = 0
    by: Ed25519PrivateKey = OWN
    signer: Ed25519PrivateKey | None = OWN

    def standing(self) -> Standing:
        ok = not (self.damaged or self.fails)
        words = "the log is complete" if ok else "the log did NOT pass 1 of 6 checks. Event 812 was altered"
        found = Verified(
            str(STORE),
            self.size,
            "0123456789abcdef" * 4,
            AT,
            ok,
            words,
            self.damaged,
            is_log_damaged=not ok and self.log,
        )
        newest = known(self.signed, self.by) if self.signed else None
        trust = Trust(found if self.size else None, newest, int(bool(newest)), key(OWN), "", self.alarm)
        signer = key(self.signer) if newest and self.signer else None
        return Standing(trust, signer, self.stopped, FAILED if not ok and self.log else "")


@pytest.mark.parametrize(
    ("told", "tone", "words", "detail", "short"),
    [
        (Told(), "muted", "○ Never verified", "these 1,522 events yet.", "○ not verified"),
        (Told(stopped=700), "muted", "○ Never verified", "stopped at 700 of 1,522", "○ not verified"),
        (Told(1_522), "good", "✓ Verified: all 1,522 events, today", "Root 0123456789ab…", "✓ verified to 1,522 today"),
        (Told(1_500), "muted", "◐ Verified: 1,500 of 1,522 events", "22 newer events", "◐ verified to 1,500 today"),
        (Told(1_523), "muted", "◐ Verified: 1,523 of 1,522", "", "verified to 1,523"),
        (Told(1_500, (812,)), "danger", "✕ DAMAGED: event 812, found", "22 events since.", "✕ DAMAGED at event 812"),
        (Told(1_522, (812, 900, 901)), "danger", "event 812 and 2 more", "Event 812 was altered.", "at event 812"),
        (Told(1_522, fails=True), "danger", "✕ NOT TO BE TRUSTED, found", "", "✕ not to be trusted"),
        (Told(9, (3,), log=False), "danger", "✕ Read models differ", "rebuild the read models", "✕ read models differ"),
        (Told(9, alarm="It was altered."), "danger", "✕ Not to be", "It was altered.", "✕ checkpoints or keys altered"),
    ],
)  # fmt: skip
def test_the_headline_and_the_status_bar_say(told: Told, tone: str, words: str, detail: str, short: str) -> None:
    standing = told.standing()
    said, brief = headline(standing, 1_522, TODAY), in_short(standing, 1_522, TODAY)
    assert (said.tone, brief.tone) == (tone, tone)
    assert words in said.words
    assert detail in said.detail
    assert short in brief.words
    assert said.words[0] in "○◐✓✕"


@pytest.mark.parametrize(
    ("told", "tone", "words", "detail"),
    [
        (Told(), "muted", "○ Never signed", "could not be told from this one"),
        (Told(signed=1_522), "good", "✓ Signed: all 1,522 events, today", "(yours). Nothing has come since."),
        (Told(signed=1_500), "muted", "◐ Signed: 1,500 of 1,522 events", "22 newer events not signed yet."),
        (Told(signed=1_522, by=OLD, signer=OLD), "good", "✓ Signed", f"{key(OLD).id_text} (yours, retired)"),
        (Told(signed=1_522, by=OLD, signer=None), "muted", "◐ Signed", "unknown here; its signature was not checked"),
        (Told(9, (3,), signed=1_522), "muted", "✓ Signed: all 1,522 events", "Nothing has come since."),
        (Told(9, alarm="It is false.", signed=1_522, signer=None), "muted", "◐ Signed: all", "(not to be trusted)"),
        (Told(signed=1_523), "danger", "✕ Signed: 1,523 events, but the log has 1,522", "cut off"),
    ],
)
def test_what_was_signed(told: Told, tone: str, words: str, detail: str) -> None:
    said = signature(told.standing(), 1_522, TODAY)
    assert said.tone == tone
    assert words in said.words
    assert detail in said.detail


def test_a_time_near_today_is_said_as_people_say_it() -> None:
    assert spoken(AT, TODAY) == f"today {TIME}"
    assert spoken(AT, TODAY + timedelta(days=1)) == f"yesterday {TIME}"
    assert spoken(AT, TODAY + timedelta(days=2)) == local_time(AT)[:-3]
    assert spoken(AT, TODAY - timedelta(days=1)) == local_time(AT)[:-3]


def test_the_strip_is_red_for_damage_and_quiet_for_a_store_that_may_not_be_written(qtbot: QtBot) -> None:
    strip = DamageStrip(None)  # type: ignore[arg-type]
    qtbot.addWidget(strip)
    strip.show()
    strip.show_standing(Told(9).standing(), "shop.events")
    assert not strip.is_needed
    strip.show_standing(Told(9, (3,)).standing(), "shop.events")
    assert strip.is_needed
    assert strip.property("role") == "danger"
    assert strip.go.isVisible()
    assert "restore a backup" in strip.label.text()
    strip.show_standing(Told(9, fails=True).standing(), "shop.events")
    assert strip.label.text().startswith("✕ NOT TO BE TRUSTED · editing is off")
    assert "salvage" not in strip.label.text()  # the events may be whole, and a checkpoint beside them altered
    assert not strip.go.isVisible()
    assert strip.more.isVisible()
    strip.show_standing(Standing(Trust(None, None, 0, None, ""), locked=CLOSED), "shop.events")
    assert strip.is_needed
    assert strip.property("role") == "notice"
    assert not strip.go.isVisible()
    assert strip.label.text().startswith("Read only: the store, or its folder, may not be written here")
