"""What every picture is made of: the canvas, the grid and its labels, the labels under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from farebox.web.charts.scale import Scale, percent, tenths, widest

NAMESPACE = "http://www.w3.org/2000/svg"
TICKS_HEIGHT = 36
"""The room under a plot for two lines of labels."""

_AXIS_WIDTH_MIN = 32


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the plot: the place it stands at, its text, and a second line where the year turns."""

    place: int
    label: str
    under: str = ""
    spare: bool = False


def canvas(kind: str, height: int, attributes: dict[str, str]) -> Element:
    """Begin a picture of a class and a height in pixels."""
    return Element("svg", {"xmlns": NAMESPACE, "class": kind, "height": str(height), **attributes})


def written(picture: Element) -> str:
    """Write a picture as text; every text in it is escaped."""
    return tostring(picture, encoding="unicode")


def plot(kind: str, name: str, scale: Scale) -> Element:
    """Begin a picture over a scale; the script finds the ceiling and the floor of the plot in its attributes."""
    ends = {"data-top": str(scale.top), "data-floor": str(scale.floor)}
    named = {"role": "img", "aria-label": name, "width": "100%"}
    return canvas(kind, scale.floor + TICKS_HEIGHT, named | ends)


def draw_grid(picture: Element, scale: Scale) -> None:
    """Draw a line at each round value; the one at zero is stronger."""
    for value in scale.lines:
        y = tenths(scale.y(value))
        SubElement(picture, "line", {"class": "grid" if value else "grid zero", "x2": "100%", "y1": y, "y2": y})


def draw_ticks(picture: Element, ticks: Sequence[Tick], scale: Scale, place: Callable[[int], str]) -> None:
    """Draw the labels under a plot; `place` tells how far along the width a place stands."""
    for tick in ticks:
        x, kind = place(tick.place), "tick spare" if tick.spare else "tick"
        label = SubElement(picture, "text", {"class": kind, "x": x, "y": str(scale.floor + 17)})
        label.text = tick.label
        if tick.under:
            year = SubElement(picture, "text", {"class": f"{kind} under", "x": x, "y": str(scale.floor + 31)})
            year.text = tick.under


def axis(scale: Scale, as_label: Callable[[int], str]) -> str:
    """Draw the labels of a scale, as a column of its own to the left of the plot, as wide as they are."""
    labels = [as_label(value) for value in scale.lines]
    width = max(_AXIS_WIDTH_MIN, widest(labels) + 8)
    picture = canvas("axis", scale.floor + TICKS_HEIGHT, {"aria-hidden": "true", "width": str(width)})
    for value, label in zip(scale.lines, labels, strict=True):
        place = {"class": "value", "x": str(width - 8), "y": tenths(scale.y(value) + 40)}
        SubElement(picture, "text", place).text = label
    return written(picture)


def along(places: int) -> Callable[[int], str]:
    """Return how far along the width points stand, the first at its start, the last at its end."""
    return lambda place: percent(place, max(places - 1, 1))


def amid(places: int) -> Callable[[int], str]:
    """Return how far along the width the middles of bands stand."""
    return lambda place: percent(2 * place + 1, 2 * places)
