"""Whatever is ticked, grouped and set by default, and whoever comes and goes: the records open what the rule says."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.office import Office
from tests.world import NOW, World

from farebox.domain.access import Assignment, products_in_force
from farebox.domain.errors import Rejected
from farebox.records import access
from farebox.records.assigned import of as flags_of
from farebox.records.live import assigned
from farebox.records.models import Product
from farebox.services import assign, defaults, groups

WHAT = (
    "tick", "all", "give", "take", "in", "out", "grouped", "all grouped", "defaults", "defaults", "off", "offer",
    "leave", "back", "remove group",
)  # fmt: skip

steps = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(0, 2), st.frozensets(st.sampled_from("ABCZ"), min_size=1)),
    min_size=15,
    max_size=40,
)


@dataclass
class Model:
    """What the rule needs to know, kept by hand: the offer, ticks, groups and defaults, by the codes of products."""

    offer: set[str] = field(default_factory=lambda: set("ABZ"))
    ticks: dict[int, Assignment] = field(default_factory=dict)
    groups: dict[int, Assignment] = field(default_factory=dict)
    inside: set[tuple[int, int]] = field(default_factory=set)
    defaults: set[str] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)


class History:
    """Two members and one who was invited, two groups, and what an administrator does with them."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.model = Model()
        self.people = (office.ann, office.ben, office.invited("eve"))
        self.groups = tuple(groups.make(office.boss, office.team, name, now=NOW) for name in "GH")
        self.number = {code: pk for pk, code in Product.objects.values_list("pk", "code")}

    def step(self, what: str, nth: int, codes: frozenset[str]) -> None:
        """Do one thing; what is refused changes nothing."""
        person, group = self.people[nth], self.groups[nth % 2]
        wanted = codes & self.model.offer
        with suppress(Rejected):  # of who left
            if what in ("in", "out", "grouped", "all grouped", "remove group"):
                self._to_group(what, person, group, wanted)
            elif what in ("defaults", "off"):
                self._default(wanted if what == "defaults" else frozenset())
            elif what == "offer":
                self._offer()
            else:
                self._to_person(what, person, wanted)

    def _to_person(self, what: str, person: int, codes: frozenset[str]) -> None:
        boss, team, model = self.office.boss, self.office.team, self.model
        if what == "leave":
            assign.remove(boss, team, [person], now=NOW)
            model.gone.add(person)
            model.ticks.pop(person, None)
            model.inside = {(who, where) for who, where in model.inside if who != person}
        elif what == "back" and person in model.gone:
            assign.assign(person, "A", actor="command", now=NOW)
            model.gone.discard(person)
            model.ticks[person] = Assignment(self._numbers("A"))
            if person == self.people[2]:
                self.people = (*self.people[:2], self.office.invited(f"eve{len(model.gone)}{person}"))
        elif what == "take":
            self._take(person, codes)
        elif what in ("tick", "all"):
            assign.set_products(boss, team, person, codes, every=what == "all", now=NOW)
            model.ticks[person] = self._completed(codes, every=what == "all")
        elif what == "give":
            assign.assign_people(boss, team, [person], codes, now=NOW)
            had = self._spelled(model.ticks.get(person, Assignment()))
            model.ticks[person] = self._completed(had | codes, every=model.ticks.get(person, Assignment()).every)

    def _take(self, person: int, codes: frozenset[str]) -> None:
        for code in sorted(codes):
            done = assign.unassign_people(self.office.boss, self.office.team, [person], code, now=NOW)[0]
            if done.outcome is assign.Outcome.TAKEN:
                had = self._spelled(self.model.ticks[person])
                self.model.ticks[person] = Assignment(self._numbers(*had - {code}))

    def _to_group(self, what: str, person: int, group: int, codes: frozenset[str]) -> None:
        boss, team, model = self.office.boss, self.office.team, self.model
        if what == "in":
            groups.join(boss, team, group, [person], now=NOW)
            model.inside.add((person, group))
        elif what == "out":
            groups.leave(boss, team, group, [person], now=NOW)
            model.inside.discard((person, group))
        elif what == "remove group":
            groups.remove(boss, team, group, now=NOW)
            made = groups.make(boss, team, "G" if group == self.groups[0] else "H", now=NOW)
            self.groups = (made, self.groups[1]) if group == self.groups[0] else (self.groups[0], made)
            model.inside = {(who, where) for who, where in model.inside if where != group}
        else:
            groups.set_products(boss, team, group, codes, every=what == "all grouped", now=NOW)
            model.groups[group] = self._completed(codes, every=what == "all grouped")

    def _default(self, codes: frozenset[str]) -> None:
        defaults.choose(self.office.boss, self.office.team, codes, now=NOW)
        self.model.defaults = set(codes)

    def _offer(self) -> None:
        if "C" not in self.model.offer:
            self.number["C"] = self.office.offer("C").pk
            self.model.offer.add("C")

    def _numbers(self, *codes: str) -> frozenset[int]:
        return frozenset(self.number[code] for code in codes)

    def _spelled(self, given: Assignment) -> frozenset[str]:
        codes = {number: code for code, number in self.number.items()}
        return frozenset(self.model.offer if given.every else {codes[number] for number in given.products})

    def _completed(self, codes: frozenset[str], *, every: bool) -> Assignment:
        return Assignment(self._numbers(*codes), every=every or codes >= self.model.offer)

    def check(self) -> None:
        """Hold every place that is asked to what the rule says of the model."""
        model, offer = self.model, access.offer(self.office.team, now=NOW)
        assert offer == self._numbers(*model.offer)
        found, known = access.in_force(self.people), access.held(self.people)
        assert found == assigned(self.people)
        flags = flags_of(self.office.team, self.people)
        for person in self.people[:2]:
            inside = [model.groups[group] for who, group in model.inside if who == person and group in model.groups]
            allowed = products_in_force(
                offer, model.ticks.get(person, Assignment()), inside, defaults=self._numbers(*model.defaults)
            )
            if person in model.gone:
                allowed = frozenset()
            held = found.get(person, set())
            assert (offer if 0 in held else offer & held) == allowed
            assert {one for one in offer if known[person].may_open(one)} == allowed
            if flags is not None:
                assert {one for one in offer if flags.has(person, one, NOW)} == allowed
        assert self.people[2] not in found


@given(steps)
@settings(max_examples=few(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_records_open_what_the_rule_says(world: World, happened: list[tuple[str, int, frozenset[str]]]) -> None:
    """After each step of any history, the set in force is the same in every place that asks for it (A1, A2)."""
    with transaction.atomic():
        history = History(Office(world))
        for one in happened:
            history.step(*one)
            history.check()
        transaction.set_rollback(True)
