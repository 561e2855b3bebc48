"""A file of invoices for each test, and what imports it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.importers import FORMATS
from explorer.application.importers.importing import ImportResult
from explorer.application.session import Session
from tests.application.importers.invoices import Cells, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.csv"


@pytest.fixture
def rejects(tmp_path: Path) -> Path:
    return tmp_path / "rejected.csv"


@pytest.fixture
def load(session: Session, path: Path, rejects: Path) -> Callable[..., ImportResult]:
    """Imports rows from a file of that name; checks that each row is counted once."""

    def load(*rows: Cells) -> ImportResult:
        result = FORMATS["online-retail"](session, write(path, *rows), rejects=rejects)
        assert result.rows == len(rows) == result.used + result.already + sum(result.rejected.values())
        return result

    return load
