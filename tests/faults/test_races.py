"""
Many clients, one account: what was funded is granted, to the token, and never more (X16, X17; E2, L2–L4).

Run them on PostgreSQL as well: `FAREBOX_TEST_ENGINE=postgresql`. Each round names its seed by its number.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from random import Random

from django.db import transaction
from tests.faults.chance import dice, size, tell
from tests.faults.hot import CLIENTS, Hot, dealt, granted, leading_to, left_and_reserved
from tests.faults.sound import faults
from tests.filed import Filed
from tests.world import NOW, event, withdrawal

from farebox.domain.amounts import MICRO, tokens
from farebox.domain.authorise import Decision
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, as_iso
from farebox.domain.errors import Rejected
from farebox.domain.packs import Pool
from farebox.records.models import Charge, Denial, Entry, Hold, Pack
from farebox.services import catalogue
from farebox.services.authorise import Close, authorise, review_due
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest
from farebox.services.move import Move, move

ROUNDS = size("RACES", 20)
FUNDED = 100
ASKED = 3 * CLIENTS
CONNECTED = 32
"""Clients that each work in a thread with a connection of its own; an installation has fewer."""


def test_exactly_what_was_funded_is_granted(filed: Filed) -> None:
    """64 clients open a product of one token as often as they can: of 100 tokens 100 are granted, every round (E2)."""
    now, totals = NOW, []
    with leading_to(filed):
        hot = filed.run(Hot)
        for _ in range(ROUNDS):
            now = Instant(now + HOUR)
            filed.run(partial(hot.fund, str(FUNDED), now=now))
            people = filed.run(partial(hot.hire, ASKED, now=now))
            jobs = [partial(hot.launch, person, now=now) for person in people]
            answers = [answer for mine in filed.run_together(dealt(jobs)) for answer in mine]
            totals.append(granted(answers))
            assert filed.run(left_and_reserved) == (0, FUNDED * MICRO)
            filed.run(partial(review_due, now=Instant(now + 6 * MINUTE)))
            assert filed.run(left_and_reserved) == (0, 0)
        denied, wrong = filed.run(Denial.objects.count), filed.run(faults)
        charged = filed.run(lambda: Charge.objects.filter(ended_us=None, category="CHARGED").count())
    tell("X16 hot account", rounds=ROUNDS, clients=CLIENTS, funded=FUNDED * ROUNDS, granted=sum(totals), denied=denied)
    assert totals == [FUNDED] * ROUNDS
    assert denied == ROUNDS * (ASKED - FUNDED)
    assert charged == FUNDED * ROUNDS
    assert wrong == []


def test_one_client_alone_gets_the_same(db: None) -> None:
    """The same requests one after the other: 100 of them are granted, and the next is denied."""
    hot = Hot()
    hot.fund(str(FUNDED), now=NOW)

    answers = [hot.launch(person, now=NOW) for person in hot.hire(FUNDED + 1, now=NOW)]

    assert [answer.decision for answer in answers] == [Decision.ALLOW] * FUNDED + [Decision.DENY]
    assert faults() == []


def test_a_check_before_the_write_overspends(filed: Filed) -> None:
    """A build that checks and then writes, in two steps, grants more than there is: the count above can see it."""
    hot = filed.run(Hot)
    pack = filed.run(partial(hot.fund, str(FUNDED), now=NOW))
    together = threading.Barrier(CONNECTED, timeout=60)

    def careless() -> int:
        spent = 0
        for _ in range(6):
            left = Pack.objects.get(pk=pack).left_micro
            together.wait()
            if left >= MICRO:
                with transaction.atomic():
                    Pack.objects.filter(pk=pack).update(left_micro=left - MICRO)
                spent += 1
        return spent

    spent = sum(filed.run_together([careless] * CONNECTED))

    tell("X16 canary: check, then write", funded=FUNDED, granted=spent)
    assert spent > FUNDED
    assert filed.run(faults) != []


def test_one_person_at_many_machines_pays_once(filed: Filed) -> None:
    """64 launches of one person and product at once reserve once and open one window (E4, F7)."""
    with leading_to(filed):
        hot = filed.run(Hot)
        filed.run(partial(hot.fund, str(FUNDED), now=NOW))
        (ana,) = filed.run(partial(hot.hire, 1, now=NOW))
        answers = filed.run_together([partial(hot.launch, ana, now=NOW)] * CLIENTS)
        holds = filed.run(Hold.objects.count)
        filed.run(partial(review_due, now=Instant(NOW + 6 * MINUTE)))
        charged = filed.run(lambda: Charge.objects.filter(ended_us=None, tokens_micro=MICRO).count())
        wrong = filed.run(faults)

    assert (granted(answers), holds, charged) == (CLIENTS, 1, 1)
    assert sum(answer.cost for answer in answers) == MICRO
    assert wrong == []


def test_a_key_that_is_repeated_is_one_launch(filed: Filed) -> None:
    """One idempotency key from many clients at once: one session and one hold, told to each that is answered (L8)."""

    def ask(person: str) -> str:
        try:
            return hot.launch(person, now=NOW, key="one").session
        except Exception as error:
            return type(error).__name__

    with leading_to(filed):
        hot = filed.run(Hot)
        filed.run(partial(hot.fund, str(FUNDED), now=NOW))
        (ana,) = filed.run(partial(hot.hire, 1, now=NOW))
        told = set(filed.run_together([partial(ask, ana)] * CLIENTS))
        again = filed.run(partial(ask, ana))
        wrong = filed.run(faults)

    assert told - {"Conflict"} == {again}
    assert wrong == []


def reported(hot: Hot, nth: int, *, now: Instant, count: int = 3) -> int:
    """Report sessions of people of one's own; return how many were accepted."""
    start, end = as_iso(Instant(now - 2 * HOUR)), as_iso(Instant(now - HOUR))
    raws = [
        event(f"r{now} {nth} {i}", f"r{nth}x{i}@example.com", "ONE", "2026-03-02 08:00", "2026-03-02 09:00")
        .replace(b"2026-03-02T08:00:00Z", start.encode())
        .replace(b"2026-03-02T09:00:00Z", end.encode())
        for i in range(count)
    ]
    return ingest(raws, key=SourceKey(0, hot.team.pk), now=now).tally.accepted


def test_reported_use_beyond_the_packs_is_short(filed: Filed) -> None:
    """Use that happened is charged whoever reports it first: of 100 tokens 100 are drawn, the rest is short (F8)."""
    with leading_to(filed):
        hot = filed.run(Hot)
        pack = filed.run(partial(hot.fund, str(FUNDED), now=Instant(NOW - DAY)))
        jobs = [partial(reported, hot, nth, now=NOW) for nth in range(CLIENTS)]
        accepted = sum(sum(mine) for mine in filed.run_together(dealt(jobs, CONNECTED)))
        short = filed.run(lambda: sum(Charge.objects.values_list("shortfall_micro", flat=True)))
        left, wrong = filed.run(lambda: Pack.objects.get(pk=pack).left_micro), filed.run(faults)

    tell("X16 reported use", clients=CLIENTS, events=accepted, funded=FUNDED, short=short // MICRO)
    assert accepted == ASKED
    assert (left, short) == (0, (ASKED - FUNDED) * MICRO)
    assert wrong == []


class Mixed:
    """Everything that moves tokens of one team, at once."""

    def __init__(self, hot: Hot, thrown: Random, packs: list[int], people: list[str], *, now: Instant) -> None:
        self.hot, self.packs, self.people, self.now = hot, packs, people, now
        self.seed = thrown.random()

    def jobs(self) -> list[Callable[[], object]]:
        """Return what the clients do, in any order."""
        later = Instant(self.now + 6 * MINUTE)
        jobs: list[Callable[[], object]] = [
            partial(self.open_and_close, person, nth) for nth, person in enumerate(self.people)
        ]
        jobs += [partial(reported, self.hot, nth, now=self.now, count=2) for nth in range(20)]
        jobs += [partial(self.take_back, nth) for nth in range(10)]
        jobs += [partial(self.hot.fund, "5", now=self.now) for _ in range(4)]
        jobs += [partial(self.move_some, pack) for pack in self.packs * 4]
        jobs += [partial(expire, now=self.now)] * 4 + [partial(review_due, now=later)] * 4
        Random(self.seed).shuffle(jobs)
        return jobs

    def open_and_close(self, person: str, nth: int) -> None:
        """Open the product, and close it again within the grace, after it, or not at all."""
        answer = self.hot.launch(person, now=self.now)
        if answer.decision is Decision.ALLOW and nth % 3:
            later = Instant(self.now + (2 if nth % 3 == 1 else 30) * MINUTE)
            authorise(Close(self.hot.team.pk, answer.session), now=later)

    def take_back(self, nth: int) -> None:
        """Report a session and withdraw it."""
        name, key = f"w{self.now} {nth}", SourceKey(0, self.hot.team.pk)
        ingest(
            [event(name, f"w{nth}@example.com", "ONE", "2026-05-20 08:00", "2026-05-20 09:00")], key=key, now=self.now
        )
        ingest([withdrawal(name, 1)], key=key, now=self.now)

    def move_some(self, pack: int) -> None:
        """Move a few tokens of a pack to the other team, if it has them."""
        asked = Move(pack=pack, to="other", tokens=tokens("3"), across=True)
        try:
            move(asked, actor="test", now=self.now)
        except Rejected:
            return  # the pack ended, or has less


def other_team(hot: Hot) -> int:
    """Add a team that tokens may go to, and return its contract."""
    team = catalogue.add_team("other", "Another team", now=NOW)
    start = hot.contract.start_day
    return catalogue.add_contract(team, catalogue.Scheme.FLEX, offer="all", card="flex", start=start).pk


def test_everything_at_once_is_conserved(filed: Filed) -> None:
    """Launches, closes, reports, withdrawals, purchases, moves, expiry and due holds at once: sound books (L2–L4)."""
    rounds, now, wrong = max(1, ROUNDS // 4), NOW, []
    with leading_to(filed):
        hot = filed.run(Hot)
        filed.run(partial(other_team, hot))
        for nth in range(rounds):
            now = Instant(now + 2 * DAY)
            fund = partial(hot.fund, "40", now=Instant(now - DAY))
            packs = [
                filed.run(fund),
                filed.run(partial(fund, until=now)),
                filed.run(partial(fund, until=Instant(now + 4 * MINUTE))),
            ]
            people = filed.run(partial(hot.hire, 90, now=now))
            mixed = Mixed(hot, dice("X16 mixed", nth), packs, people, now=now)
            filed.run_together(dealt(mixed.jobs(), clients=16))
            wrong += filed.run(faults)
            filed.run(partial(review_due, now=Instant(now + DAY)))
            filed.run(partial(expire, now=Instant(now + DAY)))
            wrong += filed.run(faults)
        held, entries = filed.run(lambda: Hold.objects.filter(ended_us=None).count()), filed.run(Entry.objects.count)
    tell("X16 everything at once", rounds=rounds, clients=16, entries=entries, faults=len(wrong))
    assert wrong == []
    assert held == 0


def test_moves_both_ways_at_once_lose_nothing(filed: Filed) -> None:
    """32 moves from one team to another and 32 back, side by side: each is made, none waits for ever (X17)."""

    def both_ways(nth: int) -> int:
        pack, goal = (one, "other") if nth % 2 else (two, "flex")
        return len(move(Move(pack=pack, to=goal, tokens=tokens("1"), across=True), actor="test", now=NOW).tokens)

    with leading_to(filed):
        hot = filed.run(Hot)
        contract = filed.run(partial(other_team, hot))
        one = filed.run(partial(hot.fund, "50", now=NOW))
        number = filed.run(
            lambda: str(Pack.objects.model._meta.get_field("contract").related_model.objects.get(pk=contract).number)
        )
        bought = Purchase(contract=number, pool=Pool.FLEX, tokens=tokens("50"), since=NOW)
        two = filed.run(lambda: give(bought, now=NOW).pack)
        jobs = [partial(both_ways, nth) for nth in range(CLIENTS)]
        moved = [one for mine in filed.run_together(dealt(jobs, CONNECTED)) for one in mine]
        lefts = filed.run(lambda: dict(Pack.objects.filter(part_of=None).values_list("pk", "left_micro")))
        total, wrong = filed.run(left_and_reserved), filed.run(faults)

    tell("X17 moves both ways", moves=len(moved), gave_up=0)
    assert lefts == {one: 18 * MICRO, two: 18 * MICRO}
    assert total == (100 * MICRO, 0)
    assert wrong == []
