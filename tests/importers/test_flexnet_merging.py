"""A package and the version inside it are one use; what else goes out together stays apart."""

from __future__ import annotations

import pytest
from tests.importers.flexnet_logs import (
    FIRST_DAY,
    PACKAGE,
    VERSION,
    back,
    out,
    read,
    span,
    spans,
)

from farebox.importers.flexnet import ProductMap, read_product_map
from farebox.importers.flexnet.products import MappedProduct


def test_a_launch_of_package_and_version_is_one_use() -> None:
    """The version names the use, the package belongs to it, and it lasts from the first out to the last in."""
    log = read(
        FIRST_DAY,
        out("9:00:00", feature=PACKAGE),
        out("9:00:01"),
        back("9:30:00"),
        back("9:30:02", feature=PACKAGE),
    )

    (session,) = log.sessions
    assert (session.product, session.feature, session.version) == ("ACD", VERSION, "2012")
    assert span(session) == ("03-30 07:00:00", "03-30 07:30:02")
    assert (session.merged, log.summary.merged, log.summary.sessions) == (True, 1, 1)


def test_the_version_may_go_out_first() -> None:
    """The order of the two check-outs does not matter, nor that of the check-ins."""
    log = read(
        FIRST_DAY, out("9:00:00"), out("9:00:05", feature=PACKAGE), back("9:30:00", feature=PACKAGE), back("9:31:00")
    )

    assert spans(log.sessions) == [("03-30 07:00:00", "03-30 07:31:00")]
    assert log.sessions[0].feature == VERSION


@pytest.mark.parametrize(
    ("why", "lines"),
    [
        ("six seconds apart", [out("9:00:00", feature=PACKAGE), out("9:00:06")]),
        ("two people", [out("9:00:00", "ann@pc1", PACKAGE), out("9:00:00", "bob@pc1")]),
        ("two machines", [out("9:00:00", "ann@pc1", PACKAGE), out("9:00:00", "ann@pc2")]),
        ("two products", [out("9:00:00", feature="65400MAP_F"), out("9:00:00")]),
        ("two daemons", [out("9:00:00", feature=PACKAGE), out("9:00:00", daemon="other")]),
        ("two versions", [out("9:00:00"), out("9:00:00", feature="86295ACD_2015_0F")]),
        ("two packages", [out("9:00:00", feature=PACKAGE), out("9:00:00", feature="64301ACD_F")]),
        ("not at the same time", [out("9:00:00", feature=PACKAGE), back("9:00:01", feature=PACKAGE), out("9:00:02")]),
    ],
)
def test_what_does_not_belong_together_stays_two_uses(why: str, lines: list[str]) -> None:
    """A package and a version merge only for one person, machine, daemon, product and moment."""
    log = read(FIRST_DAY, *lines)

    assert (log.summary.sessions, log.summary.merged) == (2, 0), why


def test_a_package_without_a_version_is_a_use_of_its_product() -> None:
    """It has no version, and its feature is the package."""
    (session,) = read(FIRST_DAY, out("9:00:00", feature=PACKAGE), back("9:30:00", feature=PACKAGE)).sessions

    assert (session.product, session.feature, session.version, session.merged) == ("ACD", PACKAGE, "", False)


def test_three_launches_at_once_are_three_uses() -> None:
    """Each version takes one package, the oldest that is alone."""
    launches = [
        line for second in (0, 1, 2) for line in (out(f"9:00:0{second}", feature=PACKAGE), out(f"9:00:0{second}"))
    ]
    returns = [
        line for minute in (1, 2, 3) for line in (back(f"9:0{minute}:00"), back(f"9:0{minute}:00", feature=PACKAGE))
    ]

    log = read(FIRST_DAY, *launches, *returns)

    assert spans(log.sessions) == [
        ("03-30 07:00:00", "03-30 07:01:00"),
        ("03-30 07:00:01", "03-30 07:02:00"),
        ("03-30 07:00:02", "03-30 07:03:00"),
    ]
    assert log.summary.merged == 3


def test_versions_take_packages_in_the_order_in_which_these_went_out() -> None:
    """Two packages, then two versions, all within seconds: the older package is the first version's."""
    packages = [out("9:00:00", feature=PACKAGE), out("9:00:02", feature=PACKAGE)]
    versions = [out("9:00:03"), out("9:00:04")]
    returns = [back("9:10:00", feature=PACKAGE), back("9:10:00"), back("9:20:00", feature=PACKAGE), back("9:20:00")]

    log = read(FIRST_DAY, *packages, *versions, *returns)

    assert spans(log.sessions) == [
        ("03-30 07:00:00", "03-30 07:10:00"),
        ("03-30 07:00:02", "03-30 07:20:00"),
    ]


def test_a_package_comes_back_to_the_launch_whose_version_is_back() -> None:
    """The second launch, of another version, ends first: its package goes with it, although the other is older."""
    newer = "86295ACD_2015_0F"
    log = read(
        FIRST_DAY,
        *(out("9:00:00", feature=PACKAGE), out("9:00:00")),
        *(out("9:10:00", feature=PACKAGE), out("9:10:00", feature=newer)),
        *(back("9:20:00", feature=newer), back("9:20:00", feature=PACKAGE)),
        *(back("9:40:00"), back("9:40:00", feature=PACKAGE)),
    )

    assert {session.version: span(session) for session in log.sessions} == {
        "2015": ("03-30 07:10:00", "03-30 07:20:00"),
        "2012": ("03-30 07:00:00", "03-30 07:40:00"),
    }


def test_a_package_of_a_suite_takes_the_product_of_the_version_in_it() -> None:
    """A package may belong to several products; alone it is none of them."""
    suite = "86604AECCOL_F"
    products = ProductMap(
        tuple(
            MappedProduct(code=code, name=code, packages=(suite,), versions={feature: "2016"})
            for code, feature in (("RVT", "rvt-16"), ("ACD", "acd-16"))
        )
    )

    log = read(
        FIRST_DAY,
        *(out("9:00:00", feature=suite), out("9:00:00", feature="rvt-16")),
        *(out("9:05:00", feature=suite), out("9:05:00", feature="acd-16")),
        out("9:10:00", feature=suite),
        product_map=products,
    )

    assert [(session.product, session.merged) for session in log.sessions] == [
        ("RVT", True),
        ("ACD", True),
        ("AECCOL", False),
    ]


def test_a_merged_use_has_the_licences_of_its_larger_half() -> None:
    """A package of one licence with a version of two is a use of two."""
    log = read(FIRST_DAY, out("9:00:00", feature=PACKAGE), out("9:00:00", tail="(2 licenses)"))

    assert [session.licenses for session in log.sessions] == [2]


def test_an_unknown_feature_is_passed_on_under_its_own_name() -> None:
    """Nothing is dropped: the receiver quarantines it, and the summary names it (domain M2)."""
    log = read(FIRST_DAY, out("9:00:00", feature="MATLAB"), out("9:01:00"))

    assert [session.product for session in log.sessions] == ["MATLAB", "ACD"]
    assert log.summary.unmapped == {"MATLAB": 1}


def test_the_map_goes_before_the_convention() -> None:
    """A feature that the map names is what the map says, whatever its name looks like."""
    products = read_product_map('[[product]]\ncode = "LT"\nversions = { "85730ACD_2012_0F" = "12" }\n')

    (session,) = read(FIRST_DAY, out("9:00:00"), product_map=products).sessions

    assert (session.product, session.version) == ("LT", "12")
