"""The authorization matrix, walked: every registered address × everybody × what is own, foreign, unknown and gone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from pytest_django import Settings
from tests.authorization.judging import Judge
from tests.authorization.matrix import MATRIX, ROUTES, Route, expected, registered
from tests.authorization.principals import MEMBERS, House, Who
from tests.authorization.things import KINDS
from tests.authorization.walking import Walker
from tests.house.source import ROOT

from farebox.domain.rights import Action, Cell, cell

OPEN = ("public", "token")
"""What has no mark because no session opens it, or everybody may."""


@pytest.mark.parametrize("who", list(Who))
def test_everybody_gets_what_the_matrix_says(full: House, who: Who) -> None:
    """Own, others', foreign, unknown and gone; what is refused changes nothing, what is done is in the log (T2, T5)."""
    judge = Judge(full, who)

    wrong = [told for name, row in ROUTES.items() for told in judge.route(name, row)]

    assert not wrong, "\n".join(wrong)


def test_every_route_is_in_the_matrix() -> None:
    """A route without a row fails, a row without a route fails, and each row has a word for everybody."""
    assert MATRIX["principals"] == list(Who)
    assert unlisted(registered()) == []
    assert {name.partition("?")[0] for name in ROUTES} - {route.name for route in registered()} == set()
    lines = [
        f"{name} {key}"
        for name, row in ROUTES.items()
        for key in row
        if key in LINES and len(row[key].split()) != len(Who)
    ]
    assert lines == []


def test_what_no_session_opens_is_tested_elsewhere() -> None:
    """An address for programs names the tests that say which token opens it."""
    tokens = {name: row for name, row in ROUTES.items() if row["action"] == "token"}

    assert [name for name, row in tokens.items() if not (ROOT / row.get("tested", "none")).is_file()] == []


@pytest.mark.parametrize("who", [Who.PRIMARY, Who.OPERATOR])
def test_other_methods_do_nothing(full: House, who: Who) -> None:
    """Whoever may the most changes nothing by methods that no page has; some show the page, or lead to it."""
    walker = Walker(full, who, fresh=True)
    wrong = []
    for name, row in ROUTES.items():
        own = "" if "thing" not in row or KINDS[row["thing"]].once else walker.things(row["thing"]).own
        for method in ("PUT", "PATCH", "DELETE"):
            got = walker.ask(row, method, thing=own)
            if got.changed - got.sessions or (got.noted and not got.is_refusal):
                wrong.append(f"{method} {name}: {got.word}, {got.changed} rows")

    assert wrong == []


def test_mails_of_the_demo_are_for_those_who_manage_people(full: House, settings: Settings) -> None:
    """In the demo the folder of mails opens to administrators, and to nobody else."""
    settings.DEMO = True
    for who in Who:
        walker = Walker(full, who)
        cells = [walker.ask(ROUTES[name], "GET", thing=thing).word for name, thing in _outbox(walker)]
        assert cells == [expected("login 403 200 200 200 404 200", who)] * 2, who


def _outbox(walker: Walker) -> Iterable[tuple[str, str]]:
    return (("demo-outbox", ""), ("demo-outbox-mail", walker.things("mail").own))


LINES = [f"{kind}{method}" for method in ("get", "post") for kind in ("", "stale_", "missing_", "others_")] + [
    "missing"
]


def unlisted(routes: Iterable[Route]) -> list[str]:
    """Return what the matrix does not know of some routes: that they are there, where, and how they are marked."""
    wrong = []
    for route in routes:
        rows = [row for name, row in ROUTES.items() if name.partition("?")[0] == route.name]
        wrong += [f"{route.name} is in no row"] if not rows else []
        for row in rows:
            if row["path"] != route.path:
                wrong.append(f"{route.name} is at {route.path}")
            if route.action and row["action"] != route.action:
                wrong.append(f"{route.name} is marked {route.action}")
            if bool(route.action) != (row["action"] not in OPEN and row.get("marked", True)):
                wrong.append(f"{route.name} is {'marked' if route.action else 'not marked'}")
    return wrong


def test_every_action_has_its_cells() -> None:
    """
    The walk meets every action of `domain/rights`, and each role gets on its routes what the rule says of it.

    So the file and the rule cannot come to differ; the commands and jobs of an action ask the same rule.
    """
    wrong = []
    for name, row in ROUTES.items():
        if row["action"] in Action.__members__ and row.get("marked", True) and not row.get("narrower"):
            for who, role in MEMBERS.items():
                cells = [expected(row[method], who) for method in ("get", "post") if method in row]
                is_refused = all(word == "403" for word in cells)
                if is_refused != (cell(role, Action[row["action"]]) is Cell.NO):
                    wrong.append(f"{name}: {who}")
    assert wrong == []
