# The library has types in part only, and does not say so: what it makes is used as Any.
from collections.abc import Mapping
from typing import Any

def Workbook(filename: object, options: Mapping[str, object]) -> Any: ...
