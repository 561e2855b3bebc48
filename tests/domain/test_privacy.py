"""Every rule of protection and erasure as given / when / then."""

import pytest

from explorer.domain.decider import Facts
from explorer.domain.privacy import (
    ERASED,
    KEY_MISSING,
    PRIVACY,
    EraseSubject,
    PersonalDataProtected,
    ProtectPersonalData,
    SubjectErased,
    check_subject,
)
from explorer.errors import Refused
from tests.domain.specification import Specification

privacy = Specification(PRIVACY, Facts(now=0))
PROTECTED = PersonalDataProtected()


def test_protection_is_switched_on_once() -> None:
    privacy.given().when(ProtectPersonalData()).then(PROTECTED)
    privacy.given(PROTECTED).when(ProtectPersonalData()).then_nothing_happened()


def test_a_subject_is_erased_once() -> None:
    privacy.given(PROTECTED).when(EraseSubject("k")).then(SubjectErased("k"))
    privacy.given(PROTECTED, SubjectErased("k")).when(EraseSubject("k")).then_nothing_happened()
    privacy.given(PROTECTED, SubjectErased("k")).when(EraseSubject("l")).then(SubjectErased("l"))


def test_what_is_not_protected_cannot_be_erased() -> None:
    reason = "Personal data in this store are not protected, so they cannot be erased."
    privacy.given().when(EraseSubject("k")).then_refused_because(reason)


def test_whose_keys_are_gone_nobody_writes_about() -> None:
    check_subject("Ann")
    with pytest.raises(Refused, match="were erased: no personal text"):
        check_subject(ERASED)
    with pytest.raises(Refused, match="bring back the key file"):
        check_subject(KEY_MISSING)
