# The library has types in part only, and does not say so: what it makes is used as Any.
from collections.abc import Mapping
from typing import Any, BinaryIO

def Workbook(filename: BinaryIO, options: Mapping[str, object]) -> Any: ...
