"""What an explanation says: the rule, what it looked at, who paid, what was before, and what would have changed it."""

from __future__ import annotations

import pytest
from tests.world import NOW, World, at, event, withdrawal

from farebox.domain.amounts import Tokens
from farebox.domain.clock import DAY, Instant
from farebox.domain.explain import Change, WhatIf
from farebox.domain.ids import charged_item_id
from farebox.domain.usage import Funding, Reason
from farebox.records.models import Charge, Denial, Team
from farebox.services import catalogue
from farebox.services.explain import Explanation, explain
from farebox.services.explain.words import RULES, change_text

ANN, BEN = "ann@example.com", "ben@example.com"


def told(*, person: str = ANN, product: str = "A", nth: int = 0) -> Explanation:
    """Explain the nth charge that counts of a person and product."""
    live = Charge.objects.filter(ended_us__isnull=True, person__key=person, product__code=product)
    return explain(charged_item_id(live.order_by("since_us", "id")[nth].pk), reader=None)


def what_ifs(one: Explanation) -> list[str]:
    """Return the alternatives as short texts: change, what the charge would be, what the total changes by."""
    return [f"{w.change}: {w.category or 'none'} {w.tokens} ({w.difference})" for w in one.what_if]


def test_every_reason_has_a_rule() -> None:
    """Each reason that a row can have is explained by a rule with its number (product E7)."""
    assert set(RULES) == set(Reason)
    assert all(rule.number.startswith("domain ") and rule.says for rule in RULES.values())


def test_a_launch_names_its_rule_rate_and_window(world: World) -> None:
    """A charged launch cites F1, the rate of the card, its 24 hours and the grace in force."""
    pack = world.give("100")
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 17:00"))

    one = told()

    assert (one.category, one.tokens, one.rule.number) == ("CHARGED", "7", "domain F1")
    assert one.rate is not None
    assert (one.rate.card, one.rate.tokens, one.rate.since) == ("flex", "7", "2026-01-01T00:00:00Z")
    assert one.window is not None
    assert (one.window.since, one.window.until) == ("2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z")
    assert one.settings == {"grace_minutes": 5}
    (paid,) = one.payments
    assert paid.pack is not None
    assert (paid.kind, paid.tokens, paid.pack.number, paid.pack.had) == ("DRAWN", "7", pack, "100")
    assert what_ifs(one) == ["within_grace: CASUAL 0 (-7)", "seat: FREE 0 (-7)"]


def test_a_rolled_window_says_when_it_should_have_ended(world: World) -> None:
    """In use at the window's end: ended by that instant there is no charge, and the day before stays (domain F2)."""
    world.give("100")
    world.send(
        event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 17:00"),
        event("e2", ANN, "A", "2026-03-03 07:00", "2026-03-03 17:00"),
    )

    one = told(nth=2)

    assert (one.reason, one.rule.number, one.since) == ("window_rolled", "domain F2", "2026-03-03T08:00:00Z")
    assert what_ifs(one) == ["ended_by: none 0 (-7)", "seat: FREE 0 (-7)"]
    assert one.what_if[0].says == "ended by 2026-03-03T08:00:00Z: no charge, the total -7"
    assert [(s.event, s.explained, [r.reason for r in s.rows]) for s in one.considered] == [
        ("e1", False, ["window_opened"]),
        ("e2", True, ["in_window", "window_rolled"]),
    ]


def test_another_use_would_have_rolled_the_window_too(world: World) -> None:
    """Where somebody's other session runs on as well, ending one of them saves nothing, and the explanation says so."""
    world.give("100")
    world.send(
        event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-03 10:00"),
        event("e2", ANN, "A", "2026-03-02 09:00", "2026-03-03 11:00"),
    )

    rolled = next(told(nth=nth) for nth in range(4) if told(nth=nth).reason == "window_rolled")

    assert what_ifs(rolled)[0] == "ended_by: none 0 (0)"


def test_free_and_casual_rows_say_what_would_have_cost(world: World) -> None:
    """In a window: running on at its end costs a charge; within the grace: a minute more does (domain F1, F3)."""
    world.give("100")
    world.send(
        event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("e2", ANN, "A", "2026-03-02 10:00", "2026-03-02 10:02"),
        event("e3", BEN, "A", "2026-03-02 08:00", "2026-03-02 08:05"),
    )

    assert what_ifs(told(nth=1)) == ["still_in_use: CHARGED 7 (7)"]
    assert what_ifs(told(person=BEN)) == ["outlasted_grace: CHARGED 7 (7)"]


def test_idle_time_says_what_activity_does(world: World) -> None:
    """Idle at the window's end is free, resuming is charged; each says what the other would have been (domain F4)."""
    world.give("100")
    active = [{"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"}]
    resumed = [*active, {"start": "2026-03-03T09:00:00Z", "end": "2026-03-03T09:30:00Z"}]
    world.send(
        event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-03 10:00", active=active),
        event("e2", BEN, "A", "2026-03-02 08:00", "2026-03-03 10:00", active=resumed),
    )

    assert what_ifs(told(nth=1)) == ["active: CHARGED 7 (7)"]
    assert told(person=BEN, nth=2).rule.number == "domain F4"
    assert what_ifs(told(person=BEN, nth=2)) == ["idle: none 0 (-7)", "seat: FREE 0 (-14)"]


def test_a_session_at_work_could_have_been_idle(world: World) -> None:
    """A rolled window of a product that tells activity says since when idleness would have put it off (domain F4)."""
    world.give("100")
    active = [{"start": "2026-03-02T08:00:00Z", "end": "2026-03-03T08:30:00Z"}]
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-03 10:00", active=active))

    assert what_ifs(told(nth=1)) == ["ended_by: none 0 (-7)", "idle: FREE 0 (-7)", "seat: FREE 0 (-14)"]
    assert "without activity from 2026-03-03T07:45:00Z on" in told(nth=1).what_if[1].says


def test_a_denial_says_what_tokens_would_have_done(world: World) -> None:
    """The time to save and close is free because the window was denied; with tokens it would be charged (F7a)."""
    world.give("100")
    first = event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 09:00")
    world.send(first)
    charge = Charge.objects.get()
    Denial.objects.create(
        pk=1,
        team_id=world.flex.pk, contract=charge.contract_id, person=charge.person_id, product=charge.product_id,
        reason="insufficient_tokens", rolled_us=at("2026-03-03 08:00"), at_us=at("2026-03-03 08:00"),
    )  # fmt: skip
    world.send(event("e2", ANN, "A", "2026-03-03 07:00", "2026-03-03 08:10"))

    one = told(nth=2)

    assert (one.rule.number, one.settings) == ("domain F7a", {"grace_minutes": 5, "save_minutes": 15})
    assert what_ifs(one) == ["not_denied: CHARGED 7 (7)"]


def test_an_enterprise_day_says_what_each_product_changes(world: World) -> None:
    """A 6 and B 10 in one family: each row says what the day would be without the other (domain N2, worked case 9)."""
    world.give("100", ent=True)
    world.send(
        event("e1", ANN, "A", "2026-03-02 09:00", "2026-03-02 10:00"),
        event("e2", ANN, "B", "2026-03-02 11:00", "2026-03-02 12:00"),
        event("e3", ANN, "A", "2026-03-02 13:00", "2026-03-02 14:00"),
        ent=True,
    )

    assert what_ifs(told()) == [
        "below_minimum: CASUAL 0 (0)",
        "without_product: CHARGED 6 (-4)",
        "seat: FREE 0 (0)",
    ]
    assert what_ifs(told(product="B")) == [
        "below_minimum: CASUAL 0 (-4)",
        "without_product: CHARGED 10 (0)",
        "seat: FREE 0 (-4)",
    ]
    assert what_ifs(told(nth=1)) == ["first_piece: FREE 0 (0)"]
    assert [s.product for s in told().considered] == ["A", "B", "A"]
    assert told().settings == {"minimum_minutes": 5}


def test_a_cheaper_product_says_it_would_be_charged_alone(world: World) -> None:
    """No dearer than what was charged: free, and charged without that product (domain N2)."""
    world.give("100", ent=True)
    world.send(
        event("e1", ANN, "B", "2026-03-02 09:00", "2026-03-02 10:00"),
        event("e2", ANN, "A", "2026-03-02 11:00", "2026-03-02 12:00"),
        event("e3", BEN, "A", "2026-03-02 09:00", "2026-03-02 09:03"),
        ent=True,
    )

    assert what_ifs(told()) == ["without_product: CHARGED 6 (-4)"]
    assert what_ifs(told(person=BEN)) == ["reached_minimum: CHARGED 6 (6)"]


@pytest.mark.parametrize(("ent", "price"), [(False, "7"), (True, "6")])
def test_a_seat_says_what_it_saved(world: World, ent: bool, price: str) -> None:
    """A use over a seat cites F9 and what it would have cost in tokens (domain F9)."""
    team: Team = world.ent if ent else world.flex
    seated = catalogue.add_person(team, ANN, "Ann", now=NOW)
    catalogue.entitle(seated, world.products["A"], Funding.SEAT, since=at("2026-03-01 00:00"))
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=ent)

    assert told().rule.number == "domain F9"
    assert what_ifs(told()) == [f"no_seat: CHARGED {price} ({price})"]


def test_packs_stand_in_the_order_in_which_they_paid(world: World) -> None:
    """A charge over two packs names both, what each had and what it gave; what no pack had is open (L1, F8)."""
    soon = world.give("4", until="2026-06-01 00:00")
    late = world.give("2", until="2026-07-01 00:00")
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 09:00"))

    one = told()

    drawn = [(p.pack.number, p.pack.had, p.tokens) for p in one.payments if p.pack is not None]
    assert drawn == [(soon, "4", "4"), (late, "2", "2")]
    assert one.shortfall == "1"

    covering = world.give("10", since="2026-04-01 00:00")

    cover = told().payments[-1]
    assert cover.pack is not None
    assert (cover.kind, cover.pack.number, cover.pack.had, cover.tokens) == ("COVERED", covering, "10", "1")
    assert (told().shortfall, told().tokens) == ("0", "7")


def test_over_consumption_is_named(world: World) -> None:
    """What an enterprise contract has no tokens for is over-consumption, from an account of its own (domain N7)."""
    world.give("2", ent=True)
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)

    assert told().over_consumption == "4"
    assert [(p.source, p.tokens) for p in told().payments] == [("PACK", "2"), ("OVER_CONSUMPTION", "4")]


def test_a_late_use_explains_what_it_replaced(world: World) -> None:
    """An earlier launch that arrives later ends the charge of before: it is named, and so is what ended it (N5)."""
    world.give("100")
    world.send(event("e1", ANN, "A", "2026-03-02 09:00", "2026-03-02 10:00"), now=NOW)
    before = told()
    world.send(event("e0", ANN, "A", "2026-03-02 08:00", "2026-03-02 08:30"), now=Instant(NOW + DAY))

    after = told(nth=1)
    gone = explain(before.charged_item_id, reader=None)

    assert (after.reason, after.tokens) == ("in_window", "0")
    (earlier,) = after.before
    assert (earlier.charged_item_id, earlier.tokens) == (before.charged_item_id, "7")
    assert [(cause.event, cause.same_event) for cause in earlier.ended_by] == [("e0", False)]
    assert (gone.counts, gone.instead, gone.replayed) == (False, (after.charged_item_id,), None)
    assert [p.kind for p in gone.payments] == ["DRAWN", "REVERSED"]


def test_an_amended_event_names_its_revisions(world: World) -> None:
    """A charge of an amended event names the charge of the revision before (domain M3)."""
    world.give("100")
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 10:00"), now=NOW)
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 08:03", revision=2), now=Instant(NOW + DAY))

    one = told()

    assert (one.category, one.use.revision) == ("CASUAL", 2)
    (earlier,) = one.before
    assert (earlier.revision, earlier.tokens) == (0, "7")
    assert [(cause.event, cause.revision, cause.same_event) for cause in earlier.ended_by] == [("e1", 2, True)]


def test_a_withdrawn_use_is_told_and_not_rated(world: World) -> None:
    """A charge whose event was taken back stays readable: it no longer counts, and nothing stands for it (M3)."""
    world.give("100")
    world.send(event("e1", ANN, "A", "2026-03-02 08:00", "2026-03-02 10:00"), now=NOW)
    before = told()
    world.send(withdrawal("e1", 1), now=Instant(NOW + DAY))

    gone = explain(before.charged_item_id, reader=None)

    assert (gone.counts, gone.instead, gone.replayed, gone.what_if) == (False, (), None, ())


def test_hidden_names_are_pseudonyms_without_event_ids(world: World) -> None:
    """Where a team hides names, an explanation has no name, no id that may hold one, nor who holds what (P1, T4)."""
    world.give("100")
    world.send(event("ann-1", ANN, "A", "2026-03-02 08:00", "2026-03-02 10:00"))
    Team.objects.filter(pk=world.flex.pk).update(names_hidden=True)

    one = told()

    assert one.person.startswith("u-")
    assert "ann" not in str(one)
    assert one.use.unassigned is None


def test_a_long_chain_is_listed_around_the_charge(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many uses those around the explained one are listed, and how many there are is told."""
    world.give("100")
    minutes = [f"2026-03-02 08:{nth:02d}" for nth in range(40)]
    world.send(*(event(f"e{nth}", ANN, "A", minute, "2026-03-02 09:00") for nth, minute in enumerate(minutes)))
    monkeypatch.setattr("farebox.services.explain.write.LISTED_MAX", 10)

    one = told(nth=30)

    assert (one.considered_total, len(one.considered)) == (40, 10)
    assert [session.explained for session in one.considered].count(True) == 1


@pytest.mark.parametrize("change", list(Change))
def test_every_change_has_a_sentence(change: Change) -> None:
    """Each alternative reads as a clause of its own."""
    what = WhatIf(change, at("2026-03-02 08:00"), 1, None, Tokens(0), 0)

    assert " " in change_text(what, "Product A")
