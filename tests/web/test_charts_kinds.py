"""Columns, bars, small pictures and series: right places, nothing lost, nothing told by colour alone."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farebox.web.charts import (
    REST,
    Bar,
    BarChart,
    ColumnChart,
    Series,
    Tick,
    bars_svg,
    columns_axis_svg,
    columns_svg,
    kind_of,
    labels_svg,
    largest,
    meter_svg,
    pieces_of,
    shortened,
    spark_points,
    spark_svg,
    swatch_svg,
    width_of,
)

SVG = "{http://www.w3.org/2000/svg}"
VALUE = st.integers(-(10**12), 10**12)


@st.composite
def many_series(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Draw some series over equally many places."""
    places = draw(st.integers(1, 6))
    return draw(st.lists(st.tuples(*[VALUE] * places), min_size=1, max_size=9))


def columns(*series: tuple[int, ...], **more: object) -> ColumnChart:
    """Make a chart of bare series, with what a test adds."""
    kinds = tuple(kind_of(at) for at in range(len(series)))
    return ColumnChart(**{"key": "k", "name": "Tokens", "series": series, "kinds": kinds, **more})  # type: ignore[arg-type]


def bars(*values: int, labels: tuple[str, ...] = (), **more: object) -> BarChart:
    """Make a chart of one part a bar."""
    names = labels or tuple(f"b{at}" for at in range(len(values)))
    made = tuple(Bar(name, (value,), str(value)) for name, value in zip(names, values, strict=True))
    return BarChart(**{"key": "k", "name": "Users", "bars": made, **more})  # type: ignore[arg-type]


def drawn_columns(picture: str) -> list[list[tuple[int, int, int, int]]]:
    """Return the columns of each series as (across, down, wide, high), in hundredths of a place and tenths."""
    paths = [clip.find(f"{SVG}path") for clip in fromstring(picture).iter(f"{SVG}clipPath")]
    shape = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z")
    return [
        [(int(a), int(b), int(c), int(d)) for a, b, c, d in shape.findall(path.attrib["d"])]
        for path in paths
        if path is not None
    ]


def parts(picture: str) -> list[Element]:
    """Return the drawn parts of bars."""
    return [rect for rect in fromstring(picture).iter(f"{SVG}rect") if rect.get("class") == "part"]


def test_columns_stand_on_one_another() -> None:
    """The second series begins where the first ends, a pixel apart, and the tallest stack ends below the ceiling."""
    first, second = drawn_columns(columns_svg(columns((50, 100), (50, 0))))

    assert [(down, high) for _x, down, _w, high in first] == [(1100, 1000), (100, 2000)]
    assert [(down, high) for _x, down, _w, high in second] == [(100, 990)]
    assert first[0][0] == second[0][0]


def test_columns_stand_side_by_side() -> None:
    """Unstacked, the columns of a place share its width and each stands on zero."""
    (first,), (second,) = drawn_columns(columns_svg(columns((50,), (100,), stacked=False)))

    assert first[0] + first[2] <= second[0]
    assert first[1] + first[3] == second[1] + second[3]


@given(many_series())
def test_no_value_of_a_stack_is_lost(series: list[tuple[int, ...]]) -> None:
    """The pieces of a place add up to its values, and none overlaps another."""
    stacked = pieces_of(columns(*series))

    for place in range(len(series[0])):
        here = [piece for pieces in stacked for piece in pieces if piece.place == place]
        assert sum(piece.until - piece.since for piece in here) == sum(values[place] for values in series)
        reached = sorted((min(p.since, p.until), max(p.since, p.until)) for p in here)
        assert all(before[1] <= after[0] for before, after in pairwise(reached))


@given(many_series(), st.booleans())
def test_no_column_leaves_its_place(series: list[tuple[int, ...]], stacked: bool) -> None:
    """Columns stay within their place and between ceiling and floor; what is not zero is seen."""
    for pieces in drawn_columns(columns_svg(columns(*series, stacked=stacked))):
        for across, down, wide, high in pieces:
            assert across // 100 == (across + wide - 1) // 100
            assert wide >= 1
            assert high >= 10
            assert 90 <= down <= down + high <= 2110


def test_a_limit_stands_behind() -> None:
    """What a place could hold is drawn before what it holds."""
    limits, used = drawn_columns(columns_svg(columns((3, 0), limits=(7, 5), lines=(0, 7))))

    assert [high for *_more, high in limits] == [2000, 1429]
    assert [high for *_more, high in used] == [858]
    assert [text.text for text in fromstring(columns_axis_svg(columns((3,), lines=(0, 7)))).iter(f"{SVG}text")] == [
        "0",
        "7",
    ]


def test_series_differ_by_more_than_colour() -> None:
    """Every kind of filling has its own lines or dots, in the picture and in the legend."""
    picture = fromstring(columns_svg(columns(*[(1,)] * 6, (1,), kinds=(0, 1, 2, 3, 4, 5, REST))))
    patterns = {pattern.attrib["id"]: pattern for pattern in picture.iter(f"{SVG}pattern")}
    overlays = [path.attrib["d"] if (path := one.find(f"{SVG}path")) is not None else "" for one in patterns.values()]

    assert len(patterns) == len(set(overlays)) == 7
    filled = [rect.attrib["fill"] for rect in picture.iter(f"{SVG}rect") if "clip-path" in rect.attrib]
    assert filled == [f"url(#{name})" for name in patterns]
    assert f"url(#k-fill-{REST})" in swatch_svg("k", REST)


def test_the_longest_bar_is_as_wide_as_the_picture() -> None:
    """Widths are shares of the longest bar; what is little is seen, what is nothing or less is not drawn."""
    widths = [part.attrib["width"] for part in parts(bars_svg(bars(10_000, 5_000, 1, 0, -5)))]

    assert widths == ["100.00%", "50.00%", "0.40%"]


def test_parts_of_a_bar_follow_one_another() -> None:
    """A bar of several parts has them end to end, each with its own filling, and one text at its end."""
    chart = BarChart(key="k", name="Packs", bars=(Bar("a", (1, 0, 3), "4"), Bar("b", (0, 2, 0), "2")), kinds=(0, 1, 2))
    root = bars_svg(chart)

    assert [(one.attrib["x"], one.attrib["width"], one.attrib["fill"]) for one in parts(root)] == [
        ("0.00%", "25.00%", "url(#k-fill-0)"),
        ("25.00%", "75.00%", "url(#k-fill-2)"),
        ("0.00%", "50.00%", "url(#k-fill-1)"),
    ]
    assert [text.text for text in fromstring(root).iter(f"{SVG}text")] == ["4", "2"]


def test_long_labels_stand_above_their_bars() -> None:
    """Where a label has no room beside the bars, all stand above them, cut where even that is too little."""
    short, long = bars(1, 2, labels=("2026", "2025")), bars(1, 2, labels=("Inventor Professional", "A" * 80))

    assert [text.text for text in fromstring(labels_svg(short)).iter(f"{SVG}text")] == ["2026", "2025"]
    assert labels_svg(long) == ""
    labels = [text.text for text in fromstring(bars_svg(long)).iter(f"{SVG}text") if text.get("class") == "label"]
    assert labels == ["Inventor Professional", "A" * 35 + "…"]


def test_bars_of_a_histogram_touch() -> None:
    """The bars of a histogram have no room between them, others do."""
    for touching, room in ((True, 1), (False, 10)):
        first, second = parts(bars_svg(bars(1, 1, touching=touching)))
        assert int(second.attrib["y"]) - int(first.attrib["y"]) - int(first.attrib["height"]) == room


@given(st.text(max_size=40), st.integers(20, 300))
def test_a_cut_label_fits(text: str, width: int) -> None:
    """What is cut fits, and what fits is not cut."""
    cut = shortened(text, width)

    assert width_of(cut) <= width
    assert cut == text or cut.endswith("…")
    assert width_of(text) > width or cut == text


@given(st.lists(VALUE, max_size=40))
def test_a_spark_stays_in_its_frame(values: list[int]) -> None:
    """Every value has a point in the frame, the largest the highest; one value and none can be drawn."""
    points = spark_points(values)

    assert len(points) == len(values)
    assert all(0 <= x <= 960 and 0 <= y <= 240 for x, y in points)
    if values:
        assert min(y for _x, y in points) == points[values.index(max(values))][1]


def test_small_pictures_have_a_name() -> None:
    """A spark and a meter say in words what they show."""
    for picture in (spark_svg("12 months, <rising>", [1, 2]), meter_svg("12 months, <rising>", 1, 2)):
        root = fromstring(picture)
        assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", "12 months, <rising>")


@pytest.mark.parametrize(
    ("part", "whole", "widths"),
    [(1, 4, ["25.00%"]), (5, 4, ["100.00%"]), (0, 4, []), (-1, 4, []), (1, 0, [])],
)
def test_a_meter_holds_no_more_than_the_whole(part: int, whole: int, widths: list[str]) -> None:
    """A meter is filled by its part, never beyond its frame, whatever the numbers are."""
    assert [one.attrib["width"] for one in parts(meter_svg("m", part, whole))] == widths


@given(st.lists(st.tuples(VALUE, VALUE), max_size=12), st.integers(1, 8))
def test_the_rest_is_added_up(values: list[tuple[int, int]], most: int) -> None:
    """The largest keep their names and order, the others become one, and no value is lost."""
    series = [Series(str(at), pair) for at, pair in enumerate(values)]

    kept = largest(series, most=most, other="Other")

    assert len(kept) <= most + 1
    for place in (0, 1):
        assert sum(one.values[place] for one in kept) == sum(pair[place] for pair in values)
    sums = [sum(one.values) for one in kept if not one.rest]
    assert sums == sorted((sum(pair) for pair in values), reverse=True)[: len(sums)]
    assert [one.name for one in kept if one.rest] == (["Other"] if len(values) > most else [])


def test_no_picture_is_styled_in_place() -> None:
    """No style attribute, no handler: the content policy would refuse them."""
    pictures = (
        columns_svg(columns((1, 2), (3, 4), limits=(5, 6), ticks=(Tick(0, "Jan", "2026"),))),
        bars_svg(bars(1, 2)),
        labels_svg(bars(1, 2)),
        swatch_svg("k", 1),
        spark_svg("s", [1]),
        meter_svg("m", 1, 2),
    )

    for picture in pictures:
        names = {name for node in fromstring(picture).iter() for name in node.attrib}
        assert not [name for name in names if name == "style" or name.startswith("on")]
