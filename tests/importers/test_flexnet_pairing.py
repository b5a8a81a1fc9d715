"""Check-outs and check-ins become uses: packages with their versions, several daemons, restarts, what is left over."""

from __future__ import annotations

import dataclasses

import pytest
from tests.importers.flexnet_logs import (
    FIRST_DAY,
    PACKAGE,
    VERSION,
    back,
    dated,
    lmgrd_start,
    out,
    read,
    said,
    span,
    spans,
    utc,
)

from farebox.importers.flexnet import ClosedBy, Denial, ProductMap, Session, Skip, read_product_map
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


def test_the_oldest_check_out_comes_back_first() -> None:
    """Several check-outs of one feature by one person on one machine: first out, first in."""
    log = read(FIRST_DAY, out("9:00:00"), out("9:10:00"), back("9:20:00"), back("9:30:00"))

    assert spans(log.sessions) == [
        ("03-30 07:00:00", "03-30 07:20:00"),
        ("03-30 07:10:00", "03-30 07:30:00"),
    ]


def test_a_label_goes_before_age() -> None:
    """Where check-outs carry a label, a check-in closes its own; one without a match closes the oldest."""
    log = read(
        FIRST_DAY,
        *(out("9:00:00", tail="[a]"), out("9:10:00", tail="[b]")),
        *(back("9:20:00", tail="[b]"), back("9:30:00", tail="[z]")),
    )

    assert spans(log.sessions) == [
        ("03-30 07:10:00", "03-30 07:20:00"),
        ("03-30 07:00:00", "03-30 07:30:00"),
    ]


def test_several_licences_are_one_use_until_the_last_is_back() -> None:
    """Two licences that come back one by one end with the second; one check-in of three closes what is out."""
    log = read(
        FIRST_DAY,
        *(out("9:00:00", tail="(2 licenses)"), back("9:10:00"), back("9:20:00")),
        *(out("10:00:00"), out("10:01:00"), back("10:10:00", tail="(3 licenses)")),
    )

    assert [(session.licenses, *span(session)) for session in log.sessions] == [
        (2, "03-30 07:00:00", "03-30 07:20:00"),
        (1, "03-30 08:00:00", "03-30 08:10:00"),
        (1, "03-30 08:01:00", "03-30 08:10:00"),
    ]
    assert log.summary.skipped == {Skip.CHECK_IN_WITHOUT_CHECK_OUT: 1}


def test_a_merged_use_has_the_licences_of_its_larger_half() -> None:
    """A package of one licence with a version of two is a use of two."""
    log = read(FIRST_DAY, out("9:00:00", feature=PACKAGE), out("9:00:00", tail="(2 licenses)"))

    assert [session.licenses for session in log.sessions] == [2]


def test_an_idle_time_out_and_a_borrowed_licence_are_recorded() -> None:
    """The check-in that ends a use tells whether it lay idle; the check-out tells whether it was borrowed."""
    log = read(
        FIRST_DAY,
        *(out("9:00:00"), back("10:00:00", tail="(INACTIVE)")),
        *(out("11:00:00", tail="(linger: 259200 / 259200)"), back("12:00:00")),
    )

    assert [(session.inactive, session.borrowed) for session in log.sessions] == [(True, False), (False, True)]
    assert (log.summary.inactive, log.summary.borrowed) == (1, 1)


def test_daemons_pair_on_their_own() -> None:
    """Two vendor daemons in one file, interleaved, do not close each other's check-outs."""
    log = read(
        FIRST_DAY,
        *(out("9:00:00", daemon="one"), out("9:01:00", daemon="two")),
        *(back("9:02:00", daemon="two"), back("9:05:00", daemon="one")),
    )

    assert [(session.daemon, *span(session)) for session in log.sessions] == [
        ("two", "03-30 07:01:00", "03-30 07:02:00"),
        ("one", "03-30 07:00:00", "03-30 07:05:00"),
    ]


def test_a_restart_cuts_what_was_out_when_the_daemon_was_last_heard() -> None:
    """The manager starts anew: every daemon's uses end at that daemon's last line, and are counted (domain M4)."""
    log = read(
        FIRST_DAY,
        *(out("9:00:00", daemon="one"), out("9:01:00", daemon="two")),
        *(said("9:30:00", "still here", "one"), said("9:40:00", "still here", "two"), said("9:50:00", "hm", "lmgrd")),
        *lmgrd_start("10:00:00", "Wed Mar 30 2016 10:00:00", "3/30/2016"),
        back("10:05:00", daemon="one"),
    )

    assert [(session.daemon, session.closed_by, *span(session)) for session in log.sessions] == [
        ("one", ClosedBy.RESTART, "03-30 07:00:00", "03-30 07:30:00"),
        ("two", ClosedBy.RESTART, "03-30 07:01:00", "03-30 07:40:00"),
    ]
    assert log.summary.closed_by == {ClosedBy.RESTART: 2}
    assert log.summary.restarts == 2
    assert log.summary.skipped == {Skip.CHECK_IN_WITHOUT_CHECK_OUT: 1}


@pytest.mark.parametrize(
    "start",
    [
        said("10:00:00", "Started one (pid 7)", "lmgrd"),
        said("10:00:00", "Restarted one (internet port 2080)", "lmgrd"),
        said("10:00:00", "one exited with status 58 signal = 15", "lmgrd"),
        said("10:00:00", "FlexNet Licensing version v11.12.0.0 build 1 x64_n6", "one"),
        said("10:00:00", "Server started on SERVER01 for:\tf1", "one"),
    ],
)
def test_the_restart_of_one_daemon_leaves_the_others_alone(start: str) -> None:
    """Whoever tells it, only the daemon named is cut."""
    log = read(FIRST_DAY, out("9:00:00", daemon="one"), out("9:01:00", daemon="two"), start)

    assert [(session.daemon, session.closed_by) for session in log.sessions] == [
        ("one", ClosedBy.RESTART),
        ("two", ClosedBy.OPEN),
    ]
    assert log.sessions[0].until == utc("2016-03-30T07:00:00")


def test_the_end_of_a_daemon_is_its_last_word() -> None:
    """A daemon that says that it exits was heard until then, and its start afterwards is no second restart."""
    log = read(
        FIRST_DAY,
        out("9:00:00"),
        said("9:30:00", "EXITING DUE TO SIGNAL 15 Exit reason 1"),
        *lmgrd_start("10:00:00", "Wed Mar 30 2016 10:00:00", "3/30/2016"),
    )

    assert spans(log.sessions) == [("03-30 07:00:00", "03-30 07:30:00")]
    assert log.summary.restarts == 1


def test_a_process_number_does_not_hide_a_daemon_from_its_restart() -> None:
    """`demo[24341]` is an instance of demo, and has its own pairing."""
    log = read(FIRST_DAY, out("9:00:00", daemon="demo[1]"), said("9:30:00", "Started demo (pid 2)", "lmgrd"))

    assert log.sessions[0].closed_by is ClosedBy.RESTART


def test_a_reread_of_the_licence_file_cuts_nothing() -> None:
    """The list of features that follows a reread is no start."""
    log = read(
        FIRST_DAY,
        out("9:00:00"),
        said("9:10:00", "Rereading license file C:\\lic.dat"),
        said("9:10:02", "Server started on SERVER01 for:\tf1"),
        back("9:30:00"),
    )

    assert spans(log.sessions) == [("03-30 07:00:00", "03-30 07:30:00")]
    assert log.summary.restarts == 0


def test_what_is_out_at_the_end_of_the_log_is_open() -> None:
    """It has no end; until when the log vouches for it is told apart."""
    log = read(
        FIRST_DAY,
        out("9:00:00", feature=PACKAGE),
        out("9:00:00"),
        back("9:10:00"),
        dated("14:00:00", "3/30/2016", "adskflex"),
    )

    (session,) = log.sessions
    assert (session.until, session.closed_by) == (None, ClosedBy.OPEN)
    assert session.heard == utc("2016-03-30T12:00:00")
    assert log.summary.closed_by == {ClosedBy.OPEN: 1}


def test_a_check_in_without_a_check_out_is_skipped_for_that_reason() -> None:
    """It is counted, and the first is noted with its line."""
    log = read(FIRST_DAY, back("9:00:00"), back("9:01:00"))

    assert log.sessions == ()
    assert log.summary.skipped == {Skip.CHECK_IN_WITHOUT_CHECK_OUT: 2}
    assert [(note.line, note.code) for note in log.summary.notes] == [(2, "check_in_without_check_out")]


def test_denials_are_records_of_their_own() -> None:
    """A refusal is no use, counts nowhere among uses, and tells product, reason and code (domain A4)."""
    full = f'DENIED: "{VERSION}" ann@pc1  (Licensed number of users already reached. (-4,342:10054 ""))'
    none = 'UNSUPPORTED: "newer" (PORT_AT_HOST_PLUS   ) ann@pc1  (License server does not support it. (-18,327))'

    log = read(FIRST_DAY, said("9:00:00", full), said("9:00:00", full), said("9:00:01", none))

    assert log.sessions == ()
    assert [(denial.product, denial.version, denial.code, denial.unsupported) for denial in log.denials] == [
        ("ACD", "2012", "-4,342", False),
        ("ACD", "2012", "-4,342", False),
        ("newer", "", "-18,327", True),
    ]
    assert len({denial.id for denial in log.denials}) == 3
    assert (log.summary.denied, log.summary.unsupported, log.summary.sessions) == (2, 1, 0)


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


def test_the_server_is_the_one_named_or_the_one_the_log_names() -> None:
    """A name that is given stands; else the first that the log tells."""
    start = lmgrd_start("8:00:00", "Wed Mar 30 2016 08:00:00", "3/30/2016")

    assert read(*start, out("9:00:00"), server=None).sessions[0].server == "SERVER01"
    assert read(*start, out("9:00:00"), server="hq").sessions[0].server == "hq"


def test_equal_check_outs_in_one_second_are_told_apart() -> None:
    """Two launches of the same feature by the same person in the same second have two identities, always the same."""
    lines = [FIRST_DAY, out("9:00:00"), out("9:00:00"), back("9:10:00"), back("9:20:00")]

    first, again = read(*lines).sessions, read(*lines).sessions

    assert len({session.id for session in first}) == 2
    assert first == again


@pytest.mark.parametrize(
    "other", [{"server": "b"}, {"who": "bob@pc1"}, {"who": "ann@pc2"}, {"daemon": "x"}, {"clock": "9:00:01"}]
)
def test_an_identity_is_of_server_daemon_person_machine_feature_and_start(other: dict[str, str]) -> None:
    """Change one of them and it is another use."""
    (plain,) = read(FIRST_DAY, out("9:00:00"), server="a").sessions

    line = out(other.get("clock", "9:00:00"), other.get("who", "ann@pc1"), daemon=other.get("daemon", "adskflex"))
    (changed,) = read(FIRST_DAY, line, server=other.get("server", "a")).sessions

    assert plain.id != changed.id


def test_people_are_counted_without_regard_to_case() -> None:
    """Windows writes one login in several ways; the uses keep it as written."""
    log = read(FIRST_DAY, out("9:00:00", "ANN@PC1"), out("9:01:00", "ann@pc1"))

    assert (log.summary.people, log.summary.machines, log.summary.products) == (1, 1, {"ACD": 2})


def test_records_are_frozen() -> None:
    """A use and a denial are facts."""
    assert all(dataclasses.fields(kind) and kind.__dataclass_params__.frozen for kind in (Session, Denial))  # type: ignore[attr-defined]
