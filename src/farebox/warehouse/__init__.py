"""
The warehouse: a disposable projection of finished facts, for reports.

It can be dropped and rebuilt from the records to the same answers. It knows nothing of the records: the service
that reads them hands plain tuples to it. Every answer carries the ledger position that it shows.
"""

from farebox.warehouse.duck import Warehouse
from farebox.warehouse.facts import Batch, Enriched, Fact, LabelRow, PersonRow, ProductRow, ValueRow
from farebox.warehouse.snapshot import Answer, CsvFile, Snapshot, Stream

__all__ = [
    "Answer",
    "Batch",
    "CsvFile",
    "Enriched",
    "Fact",
    "LabelRow",
    "PersonRow",
    "ProductRow",
    "Snapshot",
    "Stream",
    "ValueRow",
    "Warehouse",
]
