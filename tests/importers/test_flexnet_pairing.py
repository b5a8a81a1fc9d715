"""Check-outs and check-ins become uses: which belongs to which, what is left over, who is who."""

from __future__ import annotations

import dataclasses

import pytest
from tests.importers.flexnet_logs import (
    FIRST_DAY,
    VERSION,
    back,
    lmgrd_start,
    out,
    read,
    said,
    span,
    spans,
)

from farebox.importers.flexnet import Denial, Session, Skip


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
