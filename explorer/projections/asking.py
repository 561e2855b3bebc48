"""How a question is put to the cache: below SQLAlchemy's expressions, which take longer than SQLite does for a page.

All rows are fetched at once, so that no read transaction lasts.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection


def all_of(connection: Connection, sql: str, *values: Any) -> Sequence[Any]:
    """All rows."""
    return connection.connection.cursor().execute(sql, values).fetchall()


def one_of(connection: Connection, sql: str, *values: Any) -> Any:
    """The first row's first value; None without a row."""
    row = connection.connection.cursor().execute(sql, values).fetchone()
    return row[0] if row else None


def distinct(connection: Connection, table: str, column: str) -> list[str]:
    """The values of a table's leading column: a look-up for each of them, however many rows there are."""
    sql, found = f"SELECT min({column}) FROM {table} WHERE {column} > ?", [""]
    while (following := one_of(connection, sql, found[-1])) is not None:
        found.append(following)
    return found
