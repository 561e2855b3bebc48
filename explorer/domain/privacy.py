"""Personal data in a log that is never rewritten: they are stored encrypted, and erased by destroying the key.

An event names its `personal` fields, a decider the subject of a state: the person they are about. What is erased is
told by an event like everything else; it holds the key's number, never the name.
"""

from typing import assert_never

import msgspec

from explorer.domain.decider import Decider, DomainEvent, Facts
from explorer.domain.event import Json
from explorer.errors import Refused

STREAM = "privacy-1"
"""Where a store tells that personal data are protected, and whose were erased."""
ERASED = "⟨erased⟩"
"""Read in place of a text whose key was destroyed. Nobody can type it: see `check_typed`."""
KEY_MISSING = "⟨key missing⟩"
"""Read in place of a text whose key is not at hand, though nobody has erased it."""
UNREADABLE = frozenset({ERASED, KEY_MISSING})


def check_typed(text: str, field: str) -> None:
    """Raises Refused for a text that would be taken for one that cannot be read."""
    if text in UNREADABLE:
        raise Refused(f"{text} is how a text is shown that cannot be read any more; type something else.", field)


def check_subject(subject: str) -> None:
    """Raises Refused where somebody's texts cannot be added to, for nobody can say whose they are."""
    if subject == ERASED:
        raise Refused("The personal data of the person this is about were erased: no personal text can be added here.")
    if subject == KEY_MISSING:
        raise Refused("The key of the person this is about is missing: bring back the key file, then try again.")


class ProtectPersonalData(msgspec.Struct, frozen=True):
    pass


class EraseSubject(msgspec.Struct, frozen=True):
    key: str


class PersonalDataProtected(DomainEvent, frozen=True):
    """From here on every personal text is stored encrypted. There is no way back."""


class SubjectErased(DomainEvent, frozen=True):
    """The key with this number was destroyed, before this was recorded."""

    key: str


PrivacyCommand = ProtectPersonalData | EraseSubject
PrivacyEvent = PersonalDataProtected | SubjectErased


class Privacy(msgspec.Struct, frozen=True):
    """`erased`: the numbers of the keys that were destroyed."""

    is_protected: bool = False
    erased: tuple[str, ...] = ()


def decide(command: PrivacyCommand, state: Privacy, facts: Facts) -> list[PrivacyEvent]:
    """Raises Refused where nothing is protected, so that nothing can be erased."""
    del facts
    match command:
        case ProtectPersonalData():
            return [] if state.is_protected else [PersonalDataProtected()]
        case EraseSubject(key):
            if not state.is_protected:
                raise Refused("Personal data in this store are not protected, so they cannot be erased.")
            return [] if key in state.erased else [SubjectErased(key)]
        case _:
            assert_never(command)


def evolve(state: Privacy, event: PrivacyEvent) -> Privacy:
    match event:
        case PersonalDataProtected():
            return Privacy(is_protected=True, erased=state.erased)
        case SubjectErased(key):
            return Privacy(state.is_protected, (*state.erased, key))
        case _:
            assert_never(event)


def document(state: Privacy) -> dict[str, Json]:
    return {"is_protected": state.is_protected, "erased": [*state.erased]}


def summary(event: PrivacyEvent) -> str:
    match event:
        case PersonalDataProtected():
            return "from here on"
        case SubjectErased(key):
            return f"key {key}"
        case _:
            assert_never(event)


def command(event: PrivacyEvent, state: Privacy) -> PrivacyCommand:
    """The command that would have caused an event."""
    del state
    match event:
        case PersonalDataProtected():
            return ProtectPersonalData()
        case SubjectErased(key):
            return EraseSubject(key)
        case _:
            assert_never(event)


PRIVACY = Decider(
    category="privacy",
    initial=Privacy(),
    events=(PersonalDataProtected, SubjectErased),
    commands=(ProtectPersonalData, EraseSubject),
    decide=decide,
    evolve=evolve,
    document=document,
    summary=summary,
    needs=lambda _: (),
    rising=frozenset({"erased"}),
    command=command,
)
