"""
The tables of the warehouse on DuckDB, and its version.

No primary keys: duplicates are refused in records, and an index would cost ten times the load. Facts lie in the
order of contract and date where the file was rebuilt or clustered anew, so that a question reads little.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from farebox.warehouse.facts import Fact, LabelRow, PersonRow, ProductRow

SCHEMA_VERSION = 3
"""Raised with every change of the tables; a file of another version is dropped and rebuilt."""

_WIDE = "BIGINT NOT NULL"
_ID = "INTEGER NOT NULL"
_CODE = "TINYINT NOT NULL"
_DAY = "DATE NOT NULL"

_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "charge_id": _WIDE,
        "usage_date": _DAY,
        "contract_year": "SMALLINT NOT NULL",
        "usage_category": _CODE,
        "funding": _CODE,
        "duration_us": _WIDE,
        "tokens_micro": _WIDE,
        "charge_category": _CODE,
        "usage_type": _CODE,
        "pool": _CODE,
        "since_us": "BIGINT",
        "until_us": "BIGINT",
        "offset_seconds": "INTEGER",
        "transaction_date": "DATE",
        "told": "SMALLINT NOT NULL",
    }
)

FACT_COLUMNS: tuple[tuple[str, str], ...] = tuple((name, _TYPES.get(name, _ID)) for name in Fact._fields)
"""Name and type of each column of `fact`; ids are 32 bits."""

CLUSTERED = "contract_id, usage_date, charge_id"


class Dimension(NamedTuple):
    """A table of texts by id: its name and its columns, the id first."""

    table: str
    columns: tuple[str, ...]


PEOPLE = Dimension("dim_person", PersonRow._fields)
PRODUCTS = Dimension("dim_product", ProductRow._fields)
LABELS = Dimension("dim_label", LabelRow._fields)
DIMENSIONS = (PEOPLE, PRODUCTS, LABELS)


def statements() -> tuple[str, ...]:
    """Return the statements that make an empty warehouse; id 0 of a dimension has empty texts."""
    facts = ", ".join(f"{name} {kind}" for name, kind in FACT_COLUMNS)
    tables = [f"CREATE TABLE fact ({facts})"]
    for table, (key, *texts) in DIMENSIONS:
        columns = ", ".join([f"{key} {_ID}", *(f"{text} VARCHAR NOT NULL" for text in texts)])
        nothing = ", ".join(["0", *("''" for _ in texts)])
        tables += [f"CREATE TABLE {table} ({columns})", f"INSERT INTO {table} VALUES ({nothing})"]  # noqa: S608
    return (
        *tables,
        "CREATE TABLE meta (schema INTEGER NOT NULL, position BIGINT NOT NULL, as_of_us BIGINT NOT NULL)",
        f"INSERT INTO meta VALUES ({SCHEMA_VERSION}, 0, 0)",  # noqa: S608
    )
