"""Teams: those who share one balance, and see one set of reports (product B1)."""

from __future__ import annotations

import re

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected, Taken
from farebox.domain.ledger import AccountKind
from farebox.domain.packs import Pool
from farebox.records import db
from farebox.records.catalogue import announce_change
from farebox.records.models import Account, Contract, LedgerHead, Team
from farebox.records.roles import team_named
from farebox.services.catalogue.hand import Hand, note

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def check_team(slug: str, name: str) -> list[Problem]:
    """Return what keeps a team from being called so."""
    problems = []
    if not _SLUG.fullmatch(slug):
        problems.append(Problem("/slug", "invalid_value", "a slug is 1 to 60 small letters, digits and hyphens"))
    if not 1 <= len(name.strip()) <= 200 or not name.isprintable():
        problems.append(Problem("/name", "invalid_value", "a name has 1 to 200 characters"))
    if Team.objects.filter(slug=slug).exists():
        problems.append(Problem("/slug", "conflict", f"there is a team {slug!r} already"))
    return problems


def add_team(slug: str, name: str, *, names_hidden: bool = False, now: Instant, by: Hand | None = None) -> Team:
    """
    Add a team with its accounts; its reports show names unless told otherwise (quality P1).

    Raises `Rejected` for names that cannot be, `Taken` for a slug that another has.
    """
    problems = [problem for problem in check_team(slug, name) if problem.code != "conflict"]
    if problems:
        raise Rejected(problems)
    with db.atomic():
        if Team.objects.filter(slug=slug).exists():
            raise Taken(f"there is a team {slug!r} already", pointer="/slug", taken=slug)
        team = Team.objects.create(slug=slug, name=name, names_hidden=names_hidden, created_us=now)
        LedgerHead.objects.create(team=team)
        kinds = [kind for kind in AccountKind if kind is not AccountKind.PACK]
        Account.objects.bulk_create(Account(team=team, pool=pool, kind=kind) for pool in Pool for kind in kinds)
        note(by, "team.add", f"team {team.pk}", {"names_hidden": int(names_hidden)}, team=team.pk)
        announce_change()
    return team


def rename_team(slug: str, name: str, *, by: Hand) -> Team:
    """Call a team otherwise; its short name stays, as events are sent with it. Raises `NotFound`, `Rejected`."""
    problems = [problem for problem in check_team(slug, name) if problem.pointer == "/name"]
    if problems:
        raise Rejected(problems)
    with db.atomic():
        team = team_named(slug)
        if Team.objects.filter(pk=team.pk).exclude(name=name).update(name=name):
            note(by, "team.rename", f"team {team.pk}", {}, team=team.pk)
            announce_change()
    team.name = name
    return team


def team_of(owner: str) -> Team:
    """Return a team by the number of one of its contracts, or by its slug. Raises `NotFound`."""
    contract = Contract.objects.filter(number=owner).select_related("team").first()
    return team_named(owner) if contract is None else contract.team


def team_slugs() -> list[str]:
    """Return the slugs of all teams."""
    return list(Team.objects.order_by("slug").values_list("slug", flat=True))
