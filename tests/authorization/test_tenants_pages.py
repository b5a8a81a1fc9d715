"""Teams cannot notice each other on the pages: the same bytes with and without another team (quality T1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.authorization.matrix import ROUTES
from tests.authorization.principals import House, Who
from tests.authorization.things import KINDS, Side, only_own
from tests.authorization.walking import Walker, undone
from tests.world import World

from farebox.services.project import project
from farebox.warehouse.duck import Warehouse

TIMES = re.compile(r"\b\d{1,2}:\d\d(:\d\d)?(\.\d+)?Z?\b|\b\d{17}\b|(?<=\"lagSeconds\": )\d+")
"""Times of day, and for how long the reports have not been brought up to date."""

NUMBERS = re.compile(r"(?<=/)\d+$")
"""The number of what a form made, where one is led to it."""

SECRET = ("mfa_activate_totp", "make-token", "new-client", "client-rotate", "source-key-new", "source-key-rotate")
"""What shows a secret that was made for this one answer."""


def pages(walker: Walker) -> Iterator[tuple[str, str]]:
    """Yield what every address answers to somebody about their own things, and about what is not there."""
    for name, row in ROUTES.items():
        kinds = [kind for kind in (row.get("thing"), row.get("needs")) if kind is not None]
        if name in SECRET or any(KINDS[kind].once for kind in kinds):
            continue
        own = walker.things(row["thing"]) if "thing" in row else None
        for method in ("get", "post"):
            if method in row:
                for thing in (own.own, own.unknown) if own is not None else ("",):
                    with undone():
                        got = walker.ask(row, method.upper(), thing=thing)
                    place = NUMBERS.sub("NUMBER", got.response.headers.get("Location", ""))
                    yield f"{method} {name} {thing}", f"{got.word} {place} {TIMES.sub('TIME', got.body)}"


def test_another_team_changes_no_byte(world: World, house: Warehouse) -> None:
    """Every page, file and form of a team is the same before there is another team, and after that used everything."""
    alone = House(world, alone=True)
    walker = Walker(alone, Who.PRIMARY, fresh=True)
    walker.made = {name: only_own(alone, name) for name, kind in KINDS.items() if not kind.once}
    project()  # reports know what was entered of these
    dict(pages(walker))  # says what is said once
    before = dict(pages(walker))

    alone.add_the_other_team()
    lead = alone.accounts[Who.STRANGER]
    for kind in KINDS.values():
        if not kind.shared:
            kind.make(alone, Side(world.ent, lead, lead))
    project()
    after = dict(pages(walker))

    assert [name for name in before if before[name] != after[name]] == []
    assert sorted(before) == sorted(after)
    assert sum(told.startswith("200") for told in before.values()) >= 40


def test_what_is_masked_is_nothing_else() -> None:
    """A difference beside the time of day is seen."""
    assert TIMES.sub("TIME", "at 11:05, 12 tokens of 3:4") == "at TIME, 12 tokens of 3:4"
