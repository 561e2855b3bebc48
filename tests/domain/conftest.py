"""Failures inside the shared specification show both sides, as those in a test do; and no test fails by being slow."""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.domain.specification")

settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")
