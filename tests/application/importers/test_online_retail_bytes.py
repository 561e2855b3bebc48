"""What an import stores, to the letter: the same file gives the same rows for ever."""

import hashlib
from pathlib import Path

import pytest

from explorer.application.importers import FORMATS
from explorer.application.outside import Outside
from explorer.application.session import Session
from tests.store.sources import Sources

REAL = Path(__file__).parents[4] / "shared" / "data" / "online-retail"
FILE = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,"WHITE ""HEART"" ü 😀",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,LANTERN \\ WHITE,4,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536366,85123A,RED HEART,6,2010-12-01 08:28:00,2.55,,EIRE
536365,85123A,"WHITE ""HEART"" ü 😀",2,2010-12-01 08:27:00,2.55,17850.0,United Kingdom
536365,85123A,"WHITE ""HEART"" ü 😀",1,2010-12-01 08:27:00,2.10,17850.0,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527.0,United Kingdom
C536379,D,Discount é,-3,1969-12-01 09:41:00,27.50,14527.0,United Kingdom
536367,X,nothing,0,2010-12-01 09:41:00,1.00,1,France
536368,84879,BIRDS,32,2010-12-01 08:34:00,1.69,13047.0,United Kingdom
"""
SMALL_ROWS = "e00d02d5a3ed47935948dd9ff3bae30d9f24a3bf103b94df706bf43037a786a1"
SMALL_ROOT = "1156faf47b7b814ef800ae87989bb45a20107c5d50bf9258087732e3ca16da33"
MONTH_ROOT = "08fd84faa3249074ba243f411a412658bcbb02d3fcca4f851a4067038483eee4"


def imported(tmp_path: Path, path: Path) -> tuple[str, str]:
    """The SHA-256 of all rows as `repr` gives them, and the log's root."""
    sources = Sources()
    whole = hashlib.sha256()
    with Session(
        tmp_path / "shop.events", cache=tmp_path / "c", create=True, world=Outside(sources.clock, sources.new_id)
    ) as session:
        FORMATS["online-retail"](session, path, rejects=tmp_path / "rejects.csv")
        done = 0
        while page := session.store.records(done):
            whole.update(repr([tuple(record) for record in page]).encode())
            done = page[-1].position
        return whole.hexdigest(), session.store.head().root.hex()


def test_a_file_gives_the_rows_it_always_gave(tmp_path: Path) -> None:
    path = tmp_path / "invoices.csv"
    path.write_text(FILE, encoding="utf-8")
    assert imported(tmp_path, path) == (SMALL_ROWS, SMALL_ROOT)


@pytest.mark.skipif(not REAL.is_dir(), reason="the Online Retail data is not here")
def test_a_real_month_gives_the_tree_it_always_gave(tmp_path: Path) -> None:
    assert imported(tmp_path, REAL / "2011-02.csv.gz")[1] == MONTH_ROOT
