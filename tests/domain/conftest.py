"""Failures inside the shared specification show both sides, as those in a test do."""

import pytest

pytest.register_assert_rewrite("tests.domain.specification")
