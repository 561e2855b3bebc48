"""No test fails by being slow; and where changes are judged, the same change gives the same verdict."""

import os

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.register_profile("judged", deadline=None, derandomize=True)
settings.load_profile("judged" if os.environ.get("CI") else "unhurried")
