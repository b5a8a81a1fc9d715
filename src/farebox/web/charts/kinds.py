"""
Kinds of filling: what tells one series from another by more than its colour.

Each kind has a class, which gives it its colour, and lines or dots over it. A filling is a `<pattern>`; its id is
made of the key of its picture, so that several pictures stand on one page.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from farebox.web.charts import drawing

OVERLAYS = (
    "",
    "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M2 2h0M6 6h0",
    "M0 2h8M0 6h8",
    "M-2 6l4 4M0 0l8 8M6-2l4 4",
    "M0 4h8M4 0v8",
)
"""What lies over the colour of each kind: nothing, rising lines, dots, lines, falling lines, a lattice."""

REST = len(OVERLAYS)
"""The kind of what remains: upright lines over grey."""

_REST_OVERLAY = "M2 0v8M6 0v8"
_SIDE = "8"


def kind_of(at: int) -> int:
    """Return the kind of the series at a place; after the last kind the first comes again."""
    return at % len(OVERLAYS)


def fill(key: str, kind: int) -> str:
    """Return what an element of the page is filled with."""
    return f"url(#{key}-fill-{kind})"


def draw_fills(picture: Element, key: str, kinds: Iterable[int]) -> None:
    """Declare the fillings that a picture and its legend use."""
    definitions = SubElement(picture, "defs")
    for kind in sorted(set(kinds)):
        overlay = _REST_OVERLAY if kind == REST else OVERLAYS[kind]
        size = {"width": _SIDE, "height": _SIDE, "patternUnits": "userSpaceOnUse"}
        pattern = SubElement(definitions, "pattern", {"id": f"{key}-fill-{kind}", **size})
        SubElement(pattern, "rect", {"class": f"kind-{kind}", "width": _SIDE, "height": _SIDE})
        if overlay:
            SubElement(pattern, "path", {"class": "dots" if overlay.endswith("h0") else "overlay", "d": overlay})


def swatch_svg(key: str, kind: int) -> str:
    """Draw a piece of a filling for the legend."""
    picture = drawing.canvas("swatch", 16, {"aria-hidden": "true", "width": "24"})
    SubElement(picture, "rect", {"width": "24", "height": "16", "rx": "3", "fill": fill(key, kind)})
    return drawing.written(picture)
