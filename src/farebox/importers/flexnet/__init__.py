"""
FlexNet debug logs of a licence server, read into uses.

Pure: lines in, uses and an account of what was read out. See docs/importers.md.
"""

from farebox.importers.flexnet.dates import DateFormat
from farebox.importers.flexnet.facts import LineKind
from farebox.importers.flexnet.products import MappedProduct, ProductMap, read_product_map
from farebox.importers.flexnet.reading import Imported, Reading, bounded_lines, read_log
from farebox.importers.flexnet.sessions import ClosedBy, Denial, Session, as_event
from farebox.importers.flexnet.tally import Note, Skip, Summary, as_json
from farebox.importers.flexnet.wall import zone_named

__all__ = [
    "ClosedBy",
    "DateFormat",
    "Denial",
    "Imported",
    "LineKind",
    "MappedProduct",
    "Note",
    "ProductMap",
    "Reading",
    "Session",
    "Skip",
    "Summary",
    "as_event",
    "as_json",
    "bounded_lines",
    "read_log",
    "read_product_map",
    "zone_named",
]
