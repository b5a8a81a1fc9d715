"""Charts are pictures of numbers: right places, round scales, nothing unescaped."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.web.charts import (
    GRID_LINES_MAX,
    LANES_MAX,
    PLOT_BOTTOM,
    PLOT_TOP,
    SIGN_HEIGHT,
    LineChart,
    Mark,
    Tick,
    axis_svg,
    grid,
    lanes,
    line_svg,
    rolling_means,
)

SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40)


def chart(values: list[int], **more: object) -> LineChart:
    """Make a chart of bare values, with what a test adds."""
    return LineChart(name="Tokens", values=tuple(values), means=rolling_means(values), **more)  # type: ignore[arg-type]


def drawn(picture: LineChart) -> Element:
    """Draw and read back."""
    return fromstring(line_svg(picture))


def places(root: Element, kind: str) -> list[tuple[int, str]]:
    """Return the points of a line as (place, height)."""
    line = root.find(f".//{SVG}polyline[@class='{kind}']")
    assert line is not None
    pairs = (point.split(",") for point in line.attrib["points"].split())
    return [(int(x), y) for x, y in pairs]


def test_the_line_has_a_point_for_every_day() -> None:
    """The lowest value of a scale stands on its floor, the highest on its ceiling, one place a day."""
    points = places(drawn(chart([0, 100, 50])), "daily")

    assert points == [(0, str(PLOT_BOTTOM)), (1, str(PLOT_TOP)), (2, str((PLOT_TOP + PLOT_BOTTOM) // 2))]


@pytest.mark.parametrize(
    ("lowest", "highest", "lines"),
    [
        (0, 394, (0, 100, 200, 300, 400)),
        (0, 400, (0, 100, 200, 300, 400)),
        (0, 7, (0, 2, 4, 6, 8)),
        (0, 0, (0, 1)),
        (-30, 90, (-50, 0, 50, 100)),
        (-5, -1, (-5, -4, -3, -2, -1, 0)),
    ],
)
def test_the_scale_is_round(lowest: int, highest: int, lines: tuple[int, ...]) -> None:
    """Steps are 1, 2 or 5 times a power of ten, and zero is always one of the lines."""
    assert grid(lowest, highest) == lines


@given(VALUES)
def test_the_scale_holds_every_value(values: list[int]) -> None:
    """Every value lies within the scale; there are at least two lines and never too many."""
    lines = grid(min(values), max(values))

    assert lines[0] <= min(values)
    assert max(values) <= lines[-1]
    assert 0 in lines
    assert 2 <= len(lines) <= GRID_LINES_MAX + 2


def test_the_scale_has_no_lines_between_units() -> None:
    """A quiet year is not blown up: lines stand a unit apart at least."""
    assert grid(0, 0, unit=100_000) == (0, 100_000)


@given(VALUES, st.integers(1, 9))
def test_a_mean_is_half_up_of_its_days(values: list[int], width: int) -> None:
    """A mean counts its own day and those before it, and is left out where they are too few."""
    means = rolling_means(values, width)

    assert len(means) == len(values)
    for at, mean in enumerate(means):
        if at < width - 1:
            assert mean is None
        else:
            total = sum(values[at - width + 1 : at + 1])
            assert mean is not None
            assert -width < 2 * width * mean - 2 * total <= width


@given(VALUES)
def test_no_value_leaves_the_picture(values: list[int]) -> None:
    """Every point of a line stands between floor and ceiling."""
    for _x, y in places(drawn(chart(values)), "daily"):
        assert PLOT_TOP <= float(y) <= PLOT_BOTTOM


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "P", "S", "N")), max_size=30))
def test_texts_are_escaped(text: str) -> None:
    """Whatever a text holds, the picture stays well-formed and says exactly that."""
    marked = chart([1, 2], marks=(Mark(0, "purchased", text),), ticks=(Tick(1, text),))

    root = drawn(marked)

    title, label = root.find(f".//{SVG}title"), root.find(f".//{SVG}text")
    assert title is not None
    assert label is not None
    assert (title.text or "", label.text or "") == (text, text)


def test_markup_in_a_text_is_no_markup() -> None:
    """A label made of tags draws its letters, not the tags."""
    svg = line_svg(chart([1], marks=(Mark(0, "purchased", "</title><script>alert(1)</script>"),)))

    assert "<script" not in svg


def test_marks_differ_in_shape() -> None:
    """A purchase is a disc with a plus, an expiry a square with a minus: colour says nothing alone."""
    root = drawn(chart([1, 2, 3], marks=(Mark(0, "purchased", "a"), Mark(2, "expired", "b"))))

    assert root.find(f".//{SVG}g[@class='mark purchased']//{SVG}circle") is not None
    assert root.find(f".//{SVG}g[@class='mark expired']//{SVG}svg/{SVG}rect") is not None


def heights(root: Element) -> dict[str, tuple[str, str, str]]:
    """Return of each mark, by its title: the height of its sign, and where its line starts and ends."""
    found = {}
    for group in (one for one in root.iter(f"{SVG}g") if one.attrib["class"].startswith("mark ")):
        title, line, sign = (group.find(f"{SVG}{name}") for name in ("title", "line", "svg"))
        assert title is not None
        assert line is not None
        assert sign is not None
        found[title.text or ""] = (sign.attrib["y"], line.attrib["y1"], line.attrib["y2"])
    return found


@pytest.mark.parametrize("days", [0, 1, 3, 20])
def test_marks_close_together_stand_below_one_another(days: int) -> None:
    """An expiry and a purchase some days apart hide neither sign: the later one stands lower, its line below it."""
    marks = (Mark(300, "expired", "a"), Mark(300 + days, "purchased", "b"), Mark(100, "purchased", "c"))

    found = heights(drawn(chart([1] * 365, marks=marks)))

    first, second = str(PLOT_TOP), str(PLOT_TOP + SIGN_HEIGHT)
    assert found["a"] == found["c"] == (first, first, str(PLOT_BOTTOM))
    assert found["b"] == (second, second, str(PLOT_BOTTOM))


def test_marks_a_month_apart_stay_in_a_row() -> None:
    """Where there is room on the narrowest screen, every sign stands at the top."""
    marks = tuple(Mark(at, "purchased", str(at)) for at in range(0, 365, 30))

    assert {sign for sign, _from, _to in heights(drawn(chart([1] * 365, marks=marks))).values()} == {str(PLOT_TOP)}


@given(st.lists(st.integers(0, 364), max_size=30).map(sorted), st.integers(1, 40))
def test_no_lane_is_crowded_while_another_is_free(places: list[int], apart: int) -> None:
    """Two places of one lane are far enough apart, unless every lane was taken when the second came."""
    found = lanes(places, apart)

    assert all(0 <= lane < LANES_MAX for lane in found)
    for at, (place, lane) in enumerate(zip(places, found, strict=True)):
        near = {other for other, before in zip(found[:at], places[:at], strict=True) if place - before < apart}
        assert lane not in near or near == set(range(LANES_MAX))


def test_the_shade_covers_the_range() -> None:
    """The chosen range is shaded from its first place to its last, in percents of the width."""
    shade = drawn(chart([1] * 101, shade=(20, 50))).find(f".//{SVG}rect[@class='shade']")

    assert shade is not None
    assert (shade.attrib["x"], shade.attrib["width"]) == ("20.00%", "30.00%")


def test_the_axis_names_every_line_of_the_grid() -> None:
    """The labels beside the lines are those of the scale, in the words given."""
    root = fromstring(axis_svg(chart([0, 4], as_label=lambda value: f"{value} t")))

    assert [text.text for text in root.iter(f"{SVG}text")] == ["0 t", "1 t", "2 t", "3 t", "4 t"]


def test_nothing_is_styled_in_place() -> None:
    """No style attribute, no handler: the content policy would refuse them."""
    svg = line_svg(chart([1, 2], marks=(Mark(0, "expired", "x"),), ticks=(Tick(0, "Jan", "2026"),), shade=(0, 1)))

    assert "style=" not in svg
    assert not any(name.startswith("on") for node in fromstring(svg).iter() for name in node.attrib)
