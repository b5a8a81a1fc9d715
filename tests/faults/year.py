"""
A year of virtual days in one process: what programs, people and administrators do to an installation, thrown by dice.

The clock is injected, and nothing waits. Each action belongs to a weight; what it met is counted under a name, so that
a run can say which of the interesting paths it took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import NamedTuple

from tests.faults.hot import Hot
from tests.faults.throws import LENGTHS, write
from tests.world import START

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.authorise import Decision
from farebox.domain.clock import DAY, HOUR, MINUTE, SECOND, Day, Instant, as_date, as_iso, day_of, moment
from farebox.domain.errors import Conflict, FareboxError, Rejected
from farebox.domain.packs import Pool
from farebox.domain.usage import UsageCategory
from farebox.records.live import LIVE_SOURCE
from farebox.records.models import Assignment, Contract, Pack, Person, Team
from farebox.services import catalogue
from farebox.services.authorise import Beat, Close, Launch, authorise, review_due
from farebox.services.close_books import close as close_books
from farebox.services.close_silent import close_silent
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest
from farebox.services.join import join
from farebox.services.move import Move, move
from farebox.services.project import close as close_warehouse
from farebox.services.project import project
from farebox.services.release_jobs import release_jobs
from farebox.services.seal import seal

FLEX_POOLS = (Pool.FLEX, Pool.FLEX, Pool.FLEX, Pool.CREDIT)
YEAR_POOLS = (Pool.CY, Pool.CY, Pool.CY, Pool.MY)


class Running(NamedTuple):
    """A session that was allowed, as its product knows it."""

    team: int
    code: str
    person: str
    product: str
    since: Instant


class Told(NamedTuple):
    """An event that some source has sent or will send."""

    team: int
    kind: str
    name: str
    revision: int
    source: str
    person: str
    raw: bytes


class Year:
    """An installation with three teams, and everything that happens to it."""

    def __init__(self, dice: Random, *, now: Instant) -> None:
        self.dice, self.now = dice, now
        self.hits: Counter[str] = Counter()
        self.hot = Hot()
        self.flex, self.ent = self.hot.team, self.hot.world.ent
        self.other, self.other_contract = self._other()
        self.contracts = {self.flex.pk: self.hot.contract, self.ent.pk: self.hot.world.ent_contract}
        self.running: list[Running] = []
        self.told: list[Told] = []
        self.backlog: list[tuple[Instant, Told]] = []
        self.numbers = 0
        self._services()
        self.people = {team.pk: self._hire(team) for team in (self.flex, self.ent)}
        self._fund_all()

    def _other(self) -> tuple[Team, Contract]:
        team = catalogue.add_team("other", "Another team", now=START)
        contract = catalogue.add_contract(
            team, catalogue.Scheme.FLEX, offer="all", card="flex", start=self.hot.contract.start_day
        )
        return team, contract

    def _services(self) -> None:
        """Offer a service that is priced by the class of its jobs."""
        new = catalogue.NewProduct(code="SVC", name="A service", family="SVC", category=UsageCategory.CLOUD_SERVICE)
        service = catalogue.add_product(new)
        catalogue.open_offer("all", [service], since=START)
        for card in ("flex", "ent"):
            catalogue.set_rate(card, service, tokens("0.1"), since=START, complexity="simple")
            catalogue.set_rate(card, service, tokens("0.5"), since=START, complexity="complex")

    def _hire(self, team: Team) -> list[str]:
        names = [f"{team.slug}{nth}@example.com" for nth in range(6)]
        for name in names:
            person = Person.objects.create(team=team, key=name, pseudonym=name[:24], created_us=START, member_us=START)
            Assignment.objects.create(person=person, product=None, since_us=START)
        return names

    def _fund_all(self) -> None:
        for contract, pool in ((self.hot.contract, Pool.FLEX), (self.hot.world.ent_contract, Pool.CY)):
            give(Purchase(contract=contract.number, pool=pool, tokens=tokens("150"), since=self.now), now=self.now)

    # -- days --------------------------------------------------------------------------------------------------------

    def days(self, count: int, *, actions: int) -> Iterator[Day]:
        """Let so many days pass, and yield each when it is over."""
        methods = [method for method, weight in self._actions() for _ in range(weight)]
        for _ in range(count):
            night = Instant((self.now // DAY + 1) * DAY)
            for _ in range(actions):
                self.now = Instant(self.now + self.dice.randrange((night - self.now) // (actions // 2 + 1) + SECOND))
                self._deliver_due()
                self._try(self.dice.choice(methods))
            self.now = Instant(max(self.now, night))
            yield day_of(Instant(night - 1))

    def _actions(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self.launch, 14), (self.beat, 16), (self.close, 8), (self.tell_the_truth, 3), (self.report, 10),
            (self.repeat, 4), (self.amend, 4), (self.withdraw, 2), (self.contradict, 1), (self.buy, 1),
            (self.move_some, 1), (self.adjust, 1), (self.consume, 1), (self.submit_job, 3), (self.finish_job, 3),
            (self.close_the_books, 1), (self.join_names, 1), (self.reopen, 1), (self.do_jobs, 10),
        ]  # fmt: skip

    def _try(self, action: Callable[[], None]) -> None:
        """Do something; a refusal is an answer, and anything else that is raised ends the run."""
        try:
            action()
        except Rejected as refused:
            self.hits.update(f"refused {problem.code}" for problem in refused.problems)
        except FareboxError as refused:
            self.hits[f"refused {refused.code}"] += 1

    # -- the moment of use -------------------------------------------------------------------------------------------

    def launch(self) -> None:
        """Somebody opens a product, a known person or a stranger."""
        team = self.dice.choice((self.flex, self.flex, self.ent))
        known = self.dice.random() < 0.95
        person = self.dice.choice(self.people[team.pk]) if known else "stranger@example.com"
        asked = Launch(
            team.pk, person, self.dice.choice("AAABZ"), key=self._name("k") if self.dice.random() < 0.3 else ""
        )
        answer = authorise(asked, now=self.now)
        self.hits[f"launch {answer.decision.value} {answer.grounds.value}"] += 1
        if answer.decision is Decision.ALLOW:
            self.running.append(Running(team.pk, answer.session, person, asked.product, self.now))
            if self.dice.random() < 0.15:
                self.now = Instant(self.now + self.dice.randrange(5 * MINUTE))
                authorise(Close(team.pk, self.running.pop().code), now=self.now)
                self.hits["closed within the grace"] += 1
        if asked.key:
            assert authorise(asked, now=Instant(self.now + SECOND)) == answer
            self.hits["launch replayed"] += 1

    def beat(self) -> None:
        """A session that runs is heard of; some are at work, some idle, and some are never heard of again."""
        if self.running:
            one = self.dice.choice(self.running)
            try:
                answer = authorise(Beat(one.team, one.code, self.dice.random() < 0.8), now=self.now)
            except Conflict:
                self.running.remove(one)
                raise
            self.hits[f"beat {answer.decision.value} {answer.grounds.value}"] += 1

    def close(self) -> None:
        """A session ends: a young one within its grace, or any."""
        if self.running:
            one = self.dice.choice(self.running[-3:] if self.dice.random() < 0.5 else self.running)
            self.running.remove(one)
            authorise(Close(one.team, one.code), now=self.now)
            self.hits["close"] += 1

    def tell_the_truth(self) -> None:
        """A product reports afterwards of a session that was live: the same id, with its own idea of the end."""
        if self.running:
            one = self.running.pop(self.dice.randrange(len(self.running)))
            until = Instant(one.since + self.dice.choice(LENGTHS) * MINUTE)
            authorise(Close(one.team, one.code), now=self.now)
            if until <= self.now:
                data = {"product": one.product, "start": as_iso(one.since), "end": as_iso(until)}
                told = self._tell(one.team, "farebox.session", one.code, 0, one.person, one.since, data, LIVE_SOURCE)
                self._send(told)
                self.hits["live session reported by its product"] += 1

    # -- what is reported --------------------------------------------------------------------------------------------

    def _name(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}{self.numbers}"

    def _tell(
        self, team: int, kind: str, name: str, revision: int, person: str, at: Instant, data: dict[str, object],
        source: str = "dice",
    ) -> Told:  # fmt: skip
        raw = write(kind, name, revision, person, at, data).replace(
            b'"source": "dice"', f'"source": "{source}"'.encode()
        )
        return Told(team, kind, name, revision, source, person, raw)

    def _send(self, *told: Told) -> list[str]:
        """Send events of one team at once; count what became of each."""
        receipt = ingest([one.raw for one in told], key=SourceKey(0, told[0].team), now=self.now)
        states = [" ".join([v.state, *(problem.code for problem in v.problems)]) for v in receipt.verdicts]
        self.hits.update(f"event {state}" for state in states)
        self.told += [one for one, state in zip(told, states, strict=True) if state == "accepted"]
        return states

    def _deliver_due(self) -> None:
        due = [told for at, told in self.backlog if at <= self.now]
        self.backlog = [(at, told) for at, told in self.backlog if at > self.now]
        for told in due:
            self._send(told)
            self.hits["late delivery"] += 1

    def _session(self, team: int, name: str, revision: int) -> Told:
        since = Instant(self.now - self.dice.randrange(20 * 24 * 60) * MINUTE - 51 * HOUR)
        data: dict[str, object] = {"product": self.dice.choice("AABZ"), "start": as_iso(since)}
        until = Instant(since + self.dice.choice(LENGTHS) * MINUTE)
        match self.dice.randrange(6):
            case 0:
                self.hits["open session reported"] += 1
            case 1:
                data["lastHeartbeat"] = as_iso(until)
            case _:
                data["end"] = as_iso(until)
        person = self.dice.choice([*self.people[team], f"loose{self.dice.randrange(8)}@example.com"])
        return self._tell(team, "farebox.session", name, revision, person, since, data)

    def report(self) -> None:
        """A licence server reports sessions, now or weeks later."""
        team = self.dice.choice((self.flex.pk, self.ent.pk))
        told = [self._session(team, self._name("s"), 0) for _ in range(self.dice.choice((1, 1, 2, 5)))]
        if self.dice.random() < 0.3:
            later = self.dice.randrange(60 * 24) * HOUR
            self.backlog += [(Instant(self.now + later), one) for one in told]
        else:
            self._send(*told)

    def repeat(self) -> None:
        """Something is delivered again, up to five times in one request, also weeks later."""
        if self.told:
            assert "accepted" not in self._send(*[self.dice.choice(self.told)] * self.dice.randint(1, 5))

    def _last(self, kinds: tuple[str, ...]) -> Told | None:
        """Return the last revision of some event of the last few hundred."""
        found = {(one.team, one.source, one.name): one for one in self.told[-300:] if one.source == "dice"}
        fit = [one for one in found.values() if one.kind in kinds]
        return self.dice.choice(fit) if fit else None

    def amend(self) -> None:
        """A source corrects what it said of a session."""
        last = self._last(("farebox.session",))
        if last is not None:
            self._send(self._session(last.team, last.name, last.revision + 1))
            self.hits["amended"] += 1

    def withdraw(self) -> None:
        """A source takes something back."""
        last = self._last(("farebox.session", "farebox.consumption", "farebox.adjustment", "farebox.job"))
        if last is not None:
            told = self._tell(last.team, "farebox.withdrawal", last.name, last.revision + 1, "", self.now, {})
            self.hits.update(f"withdrawal of {last.kind} {state}" for state in self._send(told))

    def contradict(self) -> None:
        """A source says something else under an identity and revision that is known."""
        last = self._last(("farebox.session",))
        if last is not None:
            (state,) = self._send(self._session(last.team, last.name, last.revision))
            assert state.startswith("rejected"), state

    # -- tokens ------------------------------------------------------------------------------------------------------

    def buy(self) -> None:
        """An administrator buys a pack, small and short enough that packs run out and run over."""
        contract = self.dice.choice((self.hot.contract, self.hot.contract, self.hot.world.ent_contract))
        pools = YEAR_POOLS if contract == self.hot.world.ent_contract else FLEX_POOLS
        since = Instant(self.now - self.dice.choice((0, 0, 0, 9)) * DAY)
        until = Instant(since + self.dice.randint(2, 90) * DAY)
        amount = tokens(str(self.dice.randint(10, 160)))
        asked = Purchase(
            contract=contract.number, pool=self.dice.choice(pools), tokens=amount, since=since, until=until
        )
        key = self._name("buy")
        given = give(asked, now=self.now, key=key)
        assert give(asked, now=self.now, key=key) == given
        self.hits["pack given"] += 1
        self.hits["pack given that covers"] += given.covered != "0"

    def move_some(self) -> None:
        """Tokens of a pack go to another team, or back."""
        packs = list(Pack.objects.filter(pool=Pool.FLEX, until_us__gt=self.now, left_micro__gt=0))
        if packs:
            pack = self.dice.choice(packs)
            to = "flex" if pack.contract_id == self.other_contract.pk else "other"
            amount = Tokens(self.dice.randint(1, pack.left_micro)) if self.dice.random() < 0.8 else None
            move(Move(pack=pack.pk, to=to, tokens=amount, across=True), actor="dice", now=self.now)
            self.hits[f"moved to {to}"] += 1

    def _date(self, *, days: int = 12) -> str:
        return (moment(self.now).date() - timedelta(days=self.dice.randrange(days))).isoformat()

    def adjust(self) -> None:
        """An operator adds tokens to a pool, or takes some away."""
        team = self.dice.choice((self.flex.pk, self.ent.pk))
        pool = self.dice.choice(FLEX_POOLS if team == self.flex.pk else YEAR_POOLS).value
        change = self.dice.choice(("25", "4.5", "-6", "-0.000001", "-40"))
        data = {"pool": pool, "tokens": change, "reasonType": "OTHER", "transactionDate": self._date()}
        told = self._tell(team, "farebox.adjustment", self._name("adj"), 0, "", self.now, data)
        sign = "down" if change.startswith("-") else "up"
        self.hits.update(f"adjustment {sign} {state}" for state in self._send(told))

    def consume(self) -> None:
        """An administrator enters a use off the network."""
        team = self.dice.choice((self.flex.pk, self.ent.pk))
        data = {
            "person": self.dice.choice(self.people[team]), "product": "A", "reasonType": "OFF_NETWORK",
            "transactionDate": self._date(), "tokens": self.dice.choice(("3", "0.5", "12")),
        }  # fmt: skip
        told = self._tell(team, "farebox.consumption", self._name("con"), 0, "", self.now, data)
        self.hits.update(f"consumption {state}" for state in self._send(told))

    def _job(self, team: int, name: str, revision: int, status: str, submitted: Instant) -> Told:
        data = {"product": "SVC", "status": status, "submitted": as_iso(submitted), "class": "complex", "quantity": "3"}
        return self._tell(team, "farebox.job", name, revision, self.people[team][0], submitted, data)

    def submit_job(self) -> None:
        """A job is submitted; most are finished later, some never."""
        team = self.dice.choice((self.flex.pk, self.ent.pk))
        self._send(self._job(team, self._name("job"), 0, "submitted", self.now))

    def finish_job(self) -> None:
        """A job ends, well or not."""
        last = self._last(("farebox.job",))
        if last is not None and last.revision == 0:
            status = self.dice.choice(("success", "success", "failed"))
            submitted = Instant(self.now - self.dice.randrange(90) * MINUTE)
            self._send(self._job(last.team, last.name, 1, status, submitted))
            self.hits[f"job {status}"] += 1

    # -- administrators and the machine ------------------------------------------------------------------------------

    def close_the_books(self) -> None:
        """The books of a contract are closed up to a fortnight ago, now and then."""
        if self.dice.random() < 0.3:
            contract = self.contracts[self.dice.choice((self.flex.pk, self.ent.pk))]
            close_books(contract.number, Day(day_of(self.now) - 14), actor="dice", now=self.now)
            self.hits["books closed"] += 1

    def join_names(self) -> None:
        """A name that usage mentioned turns out to be a member's."""
        loose = Person.objects.filter(key__startswith="loose", joined=None)
        if loose and self.dice.random() < 0.2:
            one = self.dice.choice(list(loose.order_by("pk")))
            into = Person.objects.get(team=one.team, key=self.people[one.team_id][0])
            preview = join(one.pk, into.pk, actor="dice", now=self.now, preview=True)
            joined = join(one.pk, into.pk, actor="dice", now=self.now)
            assert (preview.uses, preview.tokens_back) == (joined.uses, joined.tokens_back)
            self.hits["joined"] += 1
            self.hits["joined with tokens back"] += joined.tokens_back > 0

    def reopen(self) -> None:
        """The process is started anew: what it only remembered is gone."""
        close_warehouse()
        self.hits["reopened"] += 1

    def jobs(self) -> dict[str, Callable[[], int]]:
        """Return the jobs that run beside the requests."""
        now = self.now
        return {
            "expire": lambda: expire(now=now), "review": lambda: review_due(now=now),
            "silence": lambda: close_silent(now=now), "overdue": lambda: release_jobs(now=now),
            "seal": lambda: seal(now=now), "project": project,
        }  # fmt: skip

    def do_jobs(self) -> None:
        """Some of the jobs run, in any order, some of them twice."""
        jobs = self.jobs()
        for name in self.dice.choices(list(jobs), k=self.dice.randint(1, 5)):
            done = jobs[name]()
            self.hits[f"job {name} did something"] += bool(done)

    def settle(self) -> None:
        """Nothing more happens: what was on its way arrives, time passes, and the jobs run until they find nothing."""
        self.now = Instant(max([self.now, *(at for at, _ in self.backlog)]))
        self._deliver_due()
        self.now = Instant(self.now + 40 * DAY)
        for _ in range(2):
            for job in self.jobs().values():
                job()

    def told_through(self) -> str:
        """Say what day it is."""
        return as_date(day_of(self.now)).isoformat()
