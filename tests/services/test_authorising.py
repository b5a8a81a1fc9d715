"""Live authorisation: launches, reservations, heartbeats, closes and what time alone decides (domain F7, A1, M4)."""

from __future__ import annotations

import pytest
from tests.services.books import faults
from tests.world import World, at, event, message

from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant
from farebox.domain.errors import Conflict, NotFound
from farebox.records.catalogue import announce_change
from farebox.records.models import (
    Assignment,
    Charge,
    Denial,
    Entry,
    Hold,
    LiveSession,
    Pack,
    Person,
    ProductVersion,
    Use,
)
from farebox.records.models.contracts import PolicyName
from farebox.services.authorise import Answer, Beat, Close, Launch, Mode, authorise, quotes, review_due
from farebox.services.catalogue import add_person, entitle, set_policy
from farebox.services.close_silent import close_silent
from farebox.services.expire import expire
from farebox.services.give import Purchase, give

EIGHT = at("2026-03-02 08:00")


class Desk:
    """Ann's desk: a team with one pack, and short ways to launch, work and close."""

    def __init__(self, world: World, pack: str = "50") -> None:
        self.world = world
        self.pack = world.give(pack) if pack != "0" else 0
        self.people: dict[str, Person] = {}
        for name in ("ann", "ben"):
            person = add_person(world.flex, name, name, now=EIGHT)
            Assignment.objects.create(person=person, since_us=EIGHT)
            self.people[name] = person

    def launch(self, now: Instant, person: str = "ann", product: str = "A", **more: object) -> Answer:
        """Open a product."""
        return authorise(Launch(self.world.flex.pk, person, product, **more), now=now)  # type: ignore[arg-type]

    def beat(self, session: str, now: Instant, *, active: bool = True) -> Answer:
        """Send a heartbeat."""
        return authorise(Beat(self.world.flex.pk, session, active), now=now)

    def work(self, session: str, until: int) -> None:
        """Send a heartbeat every twenty minutes from eight on, and one at the end."""
        for beaten in (*range(EIGHT + 20 * MINUTE, until, 20 * MINUTE), until):
            self.beat(session, Instant(beaten))

    def close(self, session: str, now: Instant) -> Answer:
        """Close a session."""
        return authorise(Close(self.world.flex.pk, session), now=now)

    def beside_a_seat(self) -> tuple[str, str]:
        """Work with tokens from eight on, and over a seat as well two hours before the window ends; both sessions."""
        given = Instant(EIGHT + 22 * HOUR)
        by_tokens = self.launch(EIGHT).session
        self.work(by_tokens, given)
        entitle(self.people["ann"], self.world.products["A"], "SEAT", since=given)
        return by_tokens, self.launch(given).session

    def state(self) -> tuple[str, str, list[str]]:
        """Return what the pack has left, what is reserved of it, and the charges that count; the books are sound."""
        assert faults() == []
        pack = Pack.objects.get(pk=self.pack)
        return as_text(pack.left_micro), as_text(pack.reserved_micro), self.world.charges()


@pytest.fixture
def desk(world: World) -> Desk:
    """Fifty tokens and two people who may open everything."""
    return Desk(world)


@pytest.mark.parametrize("job", [4.5, 12, 60], ids=["within the grace", "just after it", "late"])
def test_silence_shorter_than_the_grace_costs_nothing(desk: Desk, job: float) -> None:
    """Closed by its last word, a session was within its grace, whenever that is looked at (domain F3, F7, M4)."""
    for name, minutes in ((PolicyName.SILENCE_MINUTES, 3), (PolicyName.GRACE_MINUTES, 10)):
        set_policy(desk.world.flex_contract, name, minutes, since=at("2026-03-01 00:00"))
    code = desk.launch(EIGHT).session
    desk.beat(code, Instant(EIGHT + MINUTE))

    review_due(now=Instant(EIGHT + int(job * MINUTE)))

    assert desk.state() == ("50", "0", ["CASUAL 0"])
    assert LiveSession.objects.get(code=code).seen_us == EIGHT + MINUTE
    desk.close(code, Instant(EIGHT + HOUR))
    assert desk.state() == ("43", "0", ["CHARGED 7"])


def test_a_session_closed_as_its_window_ends_leaves_nothing_reserved(desk: Desk) -> None:
    """What was reserved at the window's end is given back where the last session closes at that instant (F7a)."""
    code = desk.launch(EIGHT).session
    end = Instant(EIGHT + DAY)
    desk.work(code, end)

    desk.close(code, end)

    assert desk.state() == ("43", "0", ["CHARGED 7"])


def test_a_launch_reserves_and_silence_charges(desk: Desk) -> None:
    """Seven tokens are reserved at once, and are the charge five minutes later, at the launch (domain F7)."""
    answer = desk.launch(EIGHT)
    assert (answer.decision, answer.grounds, answer.cost) == ("allow", "tokens", tokens("7"))
    assert (answer.available, answer.reserved) == (tokens("43"), tokens("7"))
    assert desk.state() == ("43", "7", [])
    review_due(now=Instant(EIGHT + 5 * MINUTE - 1))
    assert desk.state() == ("43", "7", [])
    review_due(now=Instant(EIGHT + 5 * MINUTE))
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    charge = Charge.objects.get(tokens_micro__gt=0)
    assert (charge.at_us, charge.window_us) == (EIGHT, EIGHT)
    assert Hold.objects.get().booked


def test_what_is_closed_within_the_grace_is_released(desk: Desk) -> None:
    """Opened by mistake and closed: no token, and the person counts as a user (domain F3, F7; worked case 3)."""
    session = desk.launch(EIGHT).session
    answer = desk.close(session, Instant(EIGHT + 3 * MINUTE))
    assert (answer.closed, answer.available, answer.reserved) == (True, tokens("50"), 0)
    assert desk.state() == ("50", "0", ["CASUAL 0"])
    assert not Hold.objects.get().booked


def test_exactly_the_grace_is_within_it(desk: Desk) -> None:
    """A session of five minutes exactly is CASUAL (domain F3)."""
    session = desk.launch(EIGHT).session
    desk.close(session, Instant(EIGHT + 5 * MINUTE))
    review_due(now=Instant(EIGHT + 10 * MINUTE))
    assert desk.state() == ("50", "0", ["CASUAL 0"])


def test_a_second_launch_shares_the_reservation(desk: Desk) -> None:
    """One reservation per person and product, whichever machine (domain F1, F7, E4)."""
    desk.launch(EIGHT)
    again = desk.launch(Instant(EIGHT + MINUTE))
    assert (again.decision, again.grounds, again.cost) == ("allow", "reserved", 0)
    review_due(now=Instant(EIGHT + HOUR))
    assert desk.state()[2].count("CHARGED 7") == 1


def test_the_charge_waits_for_a_session_that_outlasts_its_own_grace(desk: Desk) -> None:
    """The first closes in time, the second runs on: the window starts at the second's start (domain F7)."""
    first = desk.launch(EIGHT).session
    desk.launch(Instant(EIGHT + 2 * MINUTE))
    desk.close(first, Instant(EIGHT + 3 * MINUTE))
    review_due(now=Instant(EIGHT + 5 * MINUTE))
    assert desk.state()[1] == "7"
    review_due(now=Instant(EIGHT + 7 * MINUTE))
    assert desk.state()[:2] == ("43", "0")
    assert Charge.objects.get(tokens_micro__gt=0, ended_us=None).at_us == EIGHT + 2 * MINUTE


def test_two_mistakes_cost_nothing(desk: Desk) -> None:
    """Every session under the reservation closed within its grace: released (domain F7)."""
    first = desk.launch(EIGHT).session
    second = desk.launch(Instant(EIGHT + 2 * MINUTE)).session
    desk.close(first, Instant(EIGHT + 3 * MINUTE))
    desk.close(second, Instant(EIGHT + 6 * MINUTE))
    assert desk.state() == ("50", "0", ["CASUAL 0", "CASUAL 0"])


def test_within_the_window_a_launch_costs_nothing(desk: Desk) -> None:
    """Closed and opened again the same day: free, and covered until the window's end (domain F1)."""
    session = desk.launch(EIGHT).session
    desk.close(session, Instant(EIGHT + HOUR))
    again = desk.launch(Instant(EIGHT + 5 * HOUR))
    assert (again.grounds, again.cost, again.covered_until) == ("window_open", 0, EIGHT + 24 * HOUR)
    desk.close(again.session, Instant(EIGHT + 6 * HOUR))
    assert desk.state() == ("43", "0", ["CHARGED 7", "FREE 0"])


def test_six_tokens_do_not_open_what_costs_seven(world: World) -> None:
    """Denied, nothing changes, the denial is on record and in no metric (worked case 6; domain A4)."""
    desk = Desk(world, "6")
    answer = desk.launch(EIGHT)
    assert (answer.decision, answer.grounds, answer.cost, answer.available) == (
        "deny",
        "insufficient_tokens",
        tokens("7"),
        tokens("6"),
    )
    assert answer.session == ""
    assert desk.state() == ("6", "0", [])
    denial = Denial.objects.get()
    assert (denial.reason, denial.rate_micro, denial.available_micro) == ("insufficient_tokens", 7000000, 6000000)


def test_who_and_what_is_unknown_is_denied(desk: Desk) -> None:
    """Each with its reason, and on record."""
    nobody = desk.launch(EIGHT, "nobody")
    assert (nobody.grounds, nobody.available, nobody.reserved) == ("unknown_person", tokens("50"), 0)
    assert desk.launch(EIGHT, product="Nothing").grounds == "unknown_product"
    Assignment.objects.all().delete()
    assert desk.launch(EIGHT).grounds == "not_assigned"
    assert list(Denial.objects.order_by("id").values_list("reason", flat=True)) == [
        "unknown_person",
        "unknown_product",
        "not_assigned",
    ]


def test_a_seat_costs_nothing(desk: Desk) -> None:
    """A seat beats tokens, and its use is recorded as the seat's (worked case 13; domain F9)."""
    entitle(desk.people["ann"], desk.world.products["A"], "SEAT", since=EIGHT)
    answer = desk.launch(EIGHT)
    assert (answer.grounds, answer.cost) == ("seat", 0)
    desk.close(answer.session, Instant(EIGHT + HOUR))
    assert desk.state() == ("50", "0", ["FREE 0"])
    assert Charge.objects.get().funding == "SEAT"


def test_a_seat_needs_no_window_after_an_old_one(desk: Desk) -> None:
    """Who used tokens days ago works on over a seat that is theirs now, assigned or not (domain F9, A1)."""
    old = desk.launch(Instant(EIGHT - 72 * HOUR)).session
    desk.close(old, Instant(EIGHT - 71 * HOUR))
    entitle(desk.people["ann"], desk.world.products["A"], "SEAT", since=EIGHT)
    Assignment.objects.all().delete()
    session = desk.launch(EIGHT).session

    answer = desk.beat(session, Instant(EIGHT + 10 * MINUTE))

    assert (answer.decision, answer.covered_until, Denial.objects.count()) == ("allow", None, 0)
    desk.close(session, Instant(EIGHT + HOUR))
    assert desk.state() == ("43", "0", ["CHARGED 7", "FREE 0"])


def test_a_seats_session_is_recorded_once_while_it_runs(desk: Desk) -> None:
    """After its grace, and at its end: not anew with each heartbeat, where no window opens (domain F9, T2)."""
    entitle(desk.people["ann"], desk.world.products["A"], "SEAT", since=EIGHT)
    session = desk.launch(EIGHT).session

    desk.work(session, EIGHT + 2 * HOUR)
    while_it_runs = list(Use.objects.values_list("open", flat=True))
    desk.close(session, Instant(EIGHT + 2 * HOUR))

    assert while_it_runs == [True]
    assert [(one.open, one.ended_us is None) for one in Use.objects.order_by("pk")] == [(True, False), (False, True)]
    assert Use.objects.get(open=False).until_us == EIGHT + 2 * HOUR
    assert desk.state() == ("50", "0", ["FREE 0"])


def test_what_runs_over_a_seat_ends_no_reservation_of_another_launch(desk: Desk) -> None:
    """A seat has ended, and its session runs on beside a launch with tokens: what is reserved stays so (F7, F9)."""
    entitle(desk.people["ann"], desk.world.products["A"], "SEAT", since=EIGHT, until=Instant(EIGHT + HOUR))
    over_seat = desk.launch(EIGHT).session
    started = EIGHT + 2 * HOUR
    mistake = desk.launch(Instant(started)).session
    desk.beat(over_seat, Instant(started + MINUTE))
    reserved = desk.state()[1]
    desk.close(mistake, Instant(started + 2 * MINUTE))
    review_due(now=Instant(started + 5 * MINUTE))
    released = desk.state()
    desk.launch(Instant(started + HOUR))
    desk.close(over_seat, Instant(started + HOUR + MINUTE))

    assert (reserved, released) == ("7", ("50", "0", ["FREE 0", "CASUAL 0"]))
    assert desk.state()[1] == "7"
    review_due(now=Instant(started + HOUR + 5 * MINUTE))
    assert desk.state() == ("43", "0", ["FREE 0", "CASUAL 0", "CHARGED 7"])


def test_of_two_sessions_only_what_tokens_pay_for_is_denied(desk: Desk) -> None:
    """At the window's end and the reason told: the product is not the person's; the seat's session goes on (F9)."""
    tokens_session, seat_session = desk.beside_a_seat()
    desk.work(tokens_session, EIGHT + 24 * HOUR - MINUTE)
    Assignment.objects.all().delete()
    end = Instant(EIGHT + 24 * HOUR)

    seat = desk.beat(seat_session, Instant(end + MINUTE))
    tokens_paid = desk.beat(tokens_session, Instant(end + MINUTE))

    assert seat.decision == "allow"
    assert (tokens_paid.decision, tokens_paid.grounds) == ("deny", "not_assigned")
    assert Denial.objects.get().reason == "not_assigned"


def test_work_over_a_seat_is_no_evidence_of_use_by_tokens(desk: Desk) -> None:
    """Reserved at the window's end, and released where what tokens pay for fell silent; the seat's goes on (F9)."""
    tokens_session, seat_session = desk.beside_a_seat()
    end = EIGHT + 24 * HOUR
    desk.beat(seat_session, Instant(end - 10 * MINUTE))
    desk.beat(tokens_session, Instant(end - 5 * MINUTE))
    desk.beat(seat_session, Instant(end + 10 * MINUTE))
    desk.launch(Instant(end + 20 * MINUTE))
    reserved = desk.state()
    desk.beat(seat_session, Instant(end + 30 * MINUTE))

    assert reserved == ("36", "7", ["CHARGED 7"])
    assert desk.state() == ("43", "0", ["CHARGED 7", "FREE 0"])


def test_work_over_a_seat_rolls_no_idle_session_over(desk: Desk) -> None:
    """Who works over a seat at the window's end reserves nothing for what tokens pay for and idles (F4, F9)."""
    tokens_session, seat_session = desk.beside_a_seat()
    for minutes in range(22 * 60 + 20, 24 * 60 + 10, 20):
        desk.beat(tokens_session, Instant(EIGHT + minutes * MINUTE), active=False)
        desk.beat(seat_session, Instant(EIGHT + minutes * MINUTE))
    desk.beat(seat_session, Instant(EIGHT + 24 * HOUR + 5 * MINUTE))

    assert desk.state() == ("43", "0", ["CHARGED 7", "FREE 0"])
    assert Hold.objects.filter(kind="ROLL").count() == 0


def test_a_quote_and_a_question_change_nothing(desk: Desk) -> None:
    """A quote and `confirm` name the price; only the charge reserves (product E6)."""
    quote = desk.launch(EIGHT, mode=Mode.QUOTE)
    asked = desk.launch(EIGHT, mode=Mode.CONFIRM)
    assert (quote.decision, quote.cost, quote.session) == ("allow", tokens("7"), "")
    assert (asked.decision, asked.cost, asked.available, asked.session) == ("ask", tokens("7"), tokens("50"), "")
    assert (desk.state(), LiveSession.objects.count(), Entry.objects.filter(kind="RESERVED").count()) == (
        ("50", "0", []),
        0,
        0,
    )
    agreed = desk.launch(EIGHT, mode=Mode.CONFIRM, agreed=tokens("7"))
    assert (agreed.decision, agreed.cost) == ("allow", tokens("7"))


def test_a_price_that_was_not_agreed_to_is_asked_again(desk: Desk) -> None:
    """The rate rose between the question and the charge: nothing is charged that nobody agreed to."""
    assert desk.launch(EIGHT, product="B", agreed=tokens("7")).decision == "ask"
    assert desk.state() == ("50", "0", [])


def test_confirming_what_is_free_launches(desk: Desk) -> None:
    """Where nothing would be charged, there is nothing to ask."""
    desk.launch(EIGHT)
    assert desk.launch(Instant(EIGHT + MINUTE), mode=Mode.CONFIRM).session != ""


def test_the_same_key_is_answered_the_same(desk: Desk) -> None:
    """A lost answer is asked for again under its key: one session, one reservation (domain L8)."""
    first = desk.launch(EIGHT, key="k1")
    again = desk.launch(Instant(EIGHT + MINUTE), key="k1")
    assert again == first
    assert (LiveSession.objects.count(), Hold.objects.count()) == (1, 1)
    with pytest.raises(Conflict):
        desk.launch(EIGHT, product="B", key="k1")


def test_running_across_the_windows_end_is_charged_by_the_next_evidence(desk: Desk) -> None:
    """The rate is reserved at the end and booked, as of then, by the first heartbeat (domain F7a)."""
    session = desk.launch(EIGHT).session
    desk.work(session, EIGHT + 24 * HOUR - MINUTE)
    end = Instant(EIGHT + 24 * HOUR)
    review_due(now=end)
    assert desk.state() == ("36", "7", ["CHARGED 7"])
    answer = desk.beat(session, Instant(end + 10 * MINUTE))
    assert (answer.decision, answer.covered_until) == ("allow", end + 24 * HOUR)
    assert desk.state() == ("36", "0", ["CHARGED 7", "CHARGED 7"])
    assert Charge.objects.filter(ended_us=None).latest("at_us").at_us == end


def test_no_evidence_after_the_windows_end_costs_nothing(desk: Desk) -> None:
    """Nothing was heard after the end: closed at the last heartbeat, what was reserved is released (F7a, M4)."""
    session = desk.launch(EIGHT).session
    last = Instant(EIGHT + 24 * HOUR - 10 * MINUTE)
    desk.work(session, last)
    review_due(now=Instant(EIGHT + 24 * HOUR))
    assert desk.state()[:2] == ("36", "7")
    review_due(now=Instant(last + 30 * MINUTE))
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    assert LiveSession.objects.get().closed_us is not None


def test_denied_at_the_windows_end(world: World) -> None:
    """Too little for the next window: denied at the re-check, free for the time to save, then charged (F7a, F8)."""
    desk = Desk(world, "10")
    session = desk.launch(EIGHT).session
    desk.work(session, EIGHT + 24 * HOUR - MINUTE)
    end = Instant(EIGHT + 24 * HOUR)
    answer = desk.beat(session, Instant(end + MINUTE))
    assert (answer.decision, answer.grounds, answer.covered_until) == (
        "deny",
        "insufficient_tokens",
        end + 15 * MINUTE,
    )
    assert Denial.objects.get().rolled_us == end
    assert desk.state()[2] == ["CHARGED 7"]
    desk.beat(session, Instant(end + 20 * MINUTE))
    assert world.charges() == ["CHARGED 7", "FREE 0", "CHARGED 7"]
    assert desk.state()[0] == "0"
    assert as_text(Charge.objects.get(shortfall_micro__gt=0, ended_us=None).shortfall_micro) == "4"


def test_denied_and_closed_in_time_costs_nothing(world: World) -> None:
    """Saved and closed within fifteen minutes of the denial: free, with its own reason (domain F7a)."""
    desk = Desk(world, "10")
    session = desk.launch(EIGHT).session
    desk.work(session, EIGHT + 24 * HOUR - MINUTE)
    desk.close(session, Instant(EIGHT + 24 * HOUR + 10 * MINUTE))
    assert desk.state() == ("3", "0", ["CHARGED 7", "FREE 0"])
    assert Charge.objects.filter(ended_us=None).latest("since_us").reason == "grace_after_denial"


def test_idle_at_the_windows_end_waits_for_activity(desk: Desk) -> None:
    """Nobody worked at the end: nothing is reserved, and the next window starts when somebody does (domain F4)."""
    session = desk.launch(EIGHT).session
    desk.beat(session, Instant(EIGHT + 10 * MINUTE))
    for minutes in range(30, 24 * 60 + 60, 20):
        desk.beat(session, Instant(EIGHT + minutes * MINUTE), active=False)
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    resumed = Instant(EIGHT + 25 * HOUR)
    answer = desk.beat(session, resumed)
    assert (answer.decision, answer.covered_until) == ("allow", resumed + 24 * HOUR)
    assert desk.state()[0] == "36"
    assert Charge.objects.filter(ended_us=None, tokens_micro__gt=0).latest("at_us").at_us == resumed


def test_what_is_released_after_the_packs_end_lapses(world: World) -> None:
    """Expiry takes only what is not reserved; what is released later lapses at once (domain F7)."""
    desk = Desk(world, "0")
    desk.pack = world.give("50", until="2026-03-02 08:02")
    session = desk.launch(EIGHT).session
    expire(now=at("2026-03-02 08:02"))
    assert desk.state()[:2] == ("0", "7")
    desk.close(session, at("2026-03-02 08:03"))
    assert desk.state() == ("0", "0", ["CASUAL 0"])
    assert as_text(Pack.objects.get().lapsed_micro) == "50"


def test_a_charge_of_a_launch_before_the_packs_end_stands(world: World) -> None:
    """Reserved before the pack's end, charged after it, at the launch: the pack pays (domain F7, L5)."""
    desk = Desk(world, "0")
    desk.pack = world.give("50", until="2026-03-02 08:02")
    desk.launch(EIGHT)
    expire(now=at("2026-03-02 08:02"))
    review_due(now=at("2026-03-02 08:10"))
    assert desk.state() == ("0", "0", ["CHARGED 7"])
    assert as_text(Pack.objects.get().lapsed_micro) == "43"


def test_what_the_product_reports_afterwards_is_charged_once(desk: Desk) -> None:
    """An event with the session's id amends what the server saw; nothing is charged twice (events.md)."""
    session = desk.launch(EIGHT).session
    review_due(now=Instant(EIGHT + HOUR))
    told = event(session, "ann", "A", "2026-03-02 08:00", "2026-03-02 10:00", source="ann's laptop")
    assert desk.world.states(told, told) == ["accepted", "duplicate"]
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    assert LiveSession.objects.get().closed_us is not None


def test_an_event_that_comes_before_the_charge_takes_the_reservation(desk: Desk) -> None:
    """The session's event arrives while its launch is still reserved: one charge, nothing stays reserved."""
    session = desk.launch(EIGHT).session
    desk.world.send(event(session, "ann", "A", "2026-03-02 08:00", "2026-03-02 10:00"))
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    review_due(now=Instant(EIGHT + 48 * HOUR))
    assert desk.state() == ("43", "0", ["CHARGED 7"])


def test_an_event_that_tells_of_a_mistake_releases(desk: Desk) -> None:
    """The product reports that the session ended within the grace: CASUAL, and the reservation is released."""
    session = desk.launch(EIGHT).session
    desk.world.send(event(session, "ann", "A", "2026-03-02 08:00", "2026-03-02 08:03"))
    assert desk.state() == ("50", "0", ["CASUAL 0"])


def test_a_closed_session_is_told_so(desk: Desk) -> None:
    """A heartbeat after the close is refused; closing twice changes nothing; an unknown session is not found."""
    session = desk.launch(EIGHT).session
    desk.close(session, Instant(EIGHT + HOUR))
    before = desk.state()
    assert desk.close(session, Instant(EIGHT + 2 * HOUR)).closed
    with pytest.raises(Conflict):
        desk.beat(session, Instant(EIGHT + 2 * HOUR))
    with pytest.raises(NotFound):
        desk.beat("ses_0", EIGHT)
    with pytest.raises(NotFound):
        authorise(Beat(desk.world.ent.pk, session), now=EIGHT)
    assert desk.state() == before


def test_quotes_for_many_at_once(desk: Desk) -> None:
    """Each person and product gets the answer that it would get alone."""
    asked = [Launch(desk.world.flex.pk, person, product) for person in ("ann", "ben", "nobody") for product in "ABZ"]
    answers = quotes(asked, now=EIGHT)
    assert [(a.decision, a.grounds, a.cost // 10**6) for a in answers] == [
        ("allow", "tokens", 7),
        ("allow", "tokens", 10),
        ("allow", "costs_nothing", 0),
    ] * 2 + [("deny", "unknown_person", 0)] * 3


def test_under_an_enterprise_contract_nobody_is_blocked(world: World) -> None:
    """No token is left, and the product opens; the day's charge is booked when it is known (domain N7)."""
    person = add_person(world.ent, "eve", "eve", now=EIGHT)
    Assignment.objects.create(person=person, since_us=EIGHT)
    answer = authorise(Launch(world.ent.pk, "eve", "A"), now=EIGHT)
    assert (answer.decision, answer.grounds, answer.cost) == ("allow", "enterprise", tokens("6"))
    authorise(Close(world.ent.pk, answer.session), now=Instant(EIGHT + HOUR))
    assert world.charges() == ["CHARGED 6"]
    dearer = authorise(Launch(world.ent.pk, "eve", "B", Mode.QUOTE), now=Instant(EIGHT + 2 * HOUR))
    assert dearer.cost == tokens("4")
    assert faults() == []


def test_what_is_released_pays_what_is_short(world: World) -> None:
    """A reported use fell short while tokens were reserved; once released, they cover it (domain F8)."""
    desk = Desk(world, "7")
    session = desk.launch(EIGHT).session
    world.send(event("e1", "ben", "A", "2026-03-02 08:00", "2026-03-02 09:00"), now=Instant(EIGHT + 2 * HOUR))
    assert as_text(Charge.objects.get(tokens_micro__gt=0).shortfall_micro) == "7"
    desk.close(session, Instant(EIGHT + 3 * MINUTE))
    assert desk.state() == ("0", "0", ["CASUAL 0", "CHARGED 7"])
    assert Charge.objects.get(tokens_micro__gt=0).shortfall_micro == 0


def test_credits_are_reserved_before_tokens(desk: Desk) -> None:
    """Cloud credits pay first, and one hold may take from both (product C3)."""
    number = desk.world.flex_contract.number
    give(Purchase(contract=number, pool="CREDIT", tokens=tokens("5"), since=at("2026-01-01 00:00")), now=EIGHT)  # type: ignore[arg-type]
    desk.launch(EIGHT)
    assert sorted(Pack.objects.values_list("pool", "reserved_micro")) == [("CREDIT", 5000000), ("FLEX", 2000000)]
    review_due(now=Instant(EIGHT + HOUR))
    assert sorted(Pack.objects.values_list("pool", "left_micro")) == [("CREDIT", 0), ("FLEX", 48000000)]
    assert faults() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"product": "NOPE"}, "/data/product not_the_session"),
        ({"product": "B"}, "/data/product not_the_session"),
        ({"person": "ben"}, "/subject not_the_session"),
        ({"version": "1999"}, "/data not_the_session"),
    ],
)
def test_what_cannot_be_the_session_is_refused(desk: Desk, changed: dict[str, str], code: str) -> None:
    """A mistaken event with a session's id neither takes the session over nor frees its reservation."""
    ProductVersion.objects.create(product=desk.world.products["A"], code="2026")
    announce_change()
    session = desk.launch(EIGHT).session
    told = {"person": "ann", "product": "A"} | changed
    sent = event(session, told.pop("person"), told.pop("product"), "2026-03-02 08:00", "2026-03-02 08:01", **told)
    (verdict,) = desk.world.send(sent).verdicts
    assert (verdict.state, [f"{p.pointer} {p.code}" for p in verdict.problems]) == ("rejected", [code])
    review_due(now=Instant(EIGHT + HOUR))
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    desk.close(session, Instant(EIGHT + 2 * HOUR))


@pytest.mark.parametrize("kind", ["farebox.job", "farebox.consumption", "farebox.adjustment", "farebox.api-call"])
def test_only_a_session_reports_a_session(desk: Desk, kind: str) -> None:
    """Another type of event with a session's id is refused, whatever it says."""
    session = desk.launch(EIGHT).session
    data: dict[str, dict[str, object]] = {
        "farebox.job": {"product": "A", "status": "failed", "submitted": "2026-03-02T08:00:00Z"},
        "farebox.consumption": {"person": "ann", "product": "A", "reasonType": "x", "transactionDate": "2026-03-02",
                                "tokens": "0"},
        "farebox.adjustment": {"pool": "FLEX", "tokens": "1", "reasonType": "x", "transactionDate": "2026-03-02"},
        "farebox.api-call": {"app": "a", "api": "b", "quantity": "1", "unit": "minutes"},
    }  # fmt: skip
    assert desk.world.states(message(kind, session, data[kind])) == ["rejected not_the_session"]
    assert desk.state() == ("43", "7", [])


def test_the_same_id_of_another_team_is_another_event(desk: Desk) -> None:
    """The owner's report counts, and another team's event of the same id is its own (invariants T1, T2)."""
    session = desk.launch(EIGHT).session
    mine = event(session, "ann", "A", "2026-03-02 08:00", "2026-03-02 10:00")
    theirs = event(session, "eve", "A", "2026-03-02 08:00", "2026-03-02 10:00")
    assert desk.world.states(theirs, ent=True) == ["accepted"]
    assert desk.world.states(mine) == ["accepted"]
    assert desk.state() == ("43", "0", ["CHARGED 7", "CHARGED 6"])


def test_a_report_without_an_end_leaves_the_session_running(desk: Desk) -> None:
    """Told that it runs, the server still charges its silence, closes it after a day, and takes its true end."""
    session = desk.launch(EIGHT).session
    assert desk.world.states(event(session, "ann", "A", "2026-03-02 08:00", None)) == ["accepted"]
    assert desk.state()[:2] == ("43", "7")
    review_due(now=Instant(EIGHT + 5 * MINUTE))
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    review_due(now=Instant(EIGHT + 25 * HOUR))
    assert LiveSession.objects.get().closed_us is not None
    assert desk.state() == ("43", "0", ["CHARGED 7"])
    ended = event(session, "ann", "A", "2026-03-02 08:00", "2026-03-02 09:00", revision=1)
    assert desk.world.states(ended) == ["accepted"]
    assert desk.state() == ("43", "0", ["CHARGED 7"])


def test_a_report_of_a_session_that_is_over_is_closed_like_any_other(desk: Desk) -> None:
    """A report without an end of a session that is closed already ends after a day (domain M4)."""
    session = desk.launch(EIGHT).session
    desk.close(session, Instant(EIGHT + 3 * MINUTE))
    desk.world.send(event(session, "ann", "A", "2026-03-02 08:00", None))
    close_silent(now=Instant(EIGHT + 25 * HOUR))
    assert desk.state() == ("43", "0", ["CHARGED 7"])


def test_the_servers_own_source_is_not_to_be_had(desk: Desk) -> None:
    """Nobody sends events under the source of live sessions but of a session that was allowed."""
    sent = event("x1", "ann", "A", "2026-03-02 08:00", None, source="farebox:live")
    assert desk.world.states(sent) == ["rejected reserved_source"]


def test_one_key_that_cannot_be_decided_keeps_nobody_waiting(desk: Desk) -> None:
    """A session whose records are broken is told of, and the others are charged."""
    broken = desk.launch(EIGHT, "ben")
    desk.launch(Instant(EIGHT + 1))
    LiveSession.objects.filter(code=broken.session).update(active="{", idles=True)
    with pytest.raises(ExceptionGroup) as told:
        review_due(now=Instant(EIGHT + HOUR))
    assert len(told.value.exceptions) == 1
    assert desk.world.charges() == ["CHARGED 7"]
