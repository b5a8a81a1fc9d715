"""Two teams with people who hold and use things in every way, and short ways to have files made and read."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.world import NOW, World, at, event

from farebox.domain.clock import Instant, day_of
from farebox.domain.periods import Days
from farebox.domain.report_files import Format, ReportType, Schema, Spec
from farebox.domain.rights import Role
from farebox.records.models import ExportRequest, Person, User
from farebox.records.reading import contracts_of
from farebox.services import assign, catalogue, export
from farebox.services.export import Download, Runner, Whose
from farebox.services.project import project

MARCH = Days(day_of(at("2026-03-01 00:00")), day_of(at("2026-04-01 00:00")))
TWO_MONTHS = Days(MARCH.since, day_of(at("2026-05-01 00:00")))


def now() -> Instant:
    """Tell the time of the tests."""
    return NOW


@dataclass
class Reported:
    """
    A Flex team and an enterprise team, both led by one administrator.

    Flex: Ann is assigned A, and used it on two days of March and one of April. Ben had a seat of B until 1 April, used
    it in March, and is assigned nothing. Cy is assigned A and used nothing. Dee is assigned everything there is, and
    used B by tokens in January. Enterprise: Eve used A on one day of March, as a login.
    """

    world: World
    boss: User = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Build it."""
        world = self.world
        world.give("1000")
        world.give("500", ent=True)
        roles = {world.flex: Role.PRIMARY, world.ent: Role.PRIMARY}
        self.boss = catalogue.add_account("boss@example.com", "correct horse battery", "The Boss", roles=roles, now=NOW)
        for key, name in (("ann", "Ann Ek"), ("ben", "Ben"), ("cy", "Cy van der Berg"), ("dee", "Dee Öst")):
            address = f"{key}@example.com"
            self.people[key] = catalogue.add_person(world.flex, address, name, now=at("2026-01-01 00:00"))
        self._hold()
        self._use()
        project()

    def _hold(self) -> None:
        products = self.world.products
        seat = at("2026-02-01 09:30"), at("2026-04-01 00:00")
        catalogue.entitle(self.people["ben"], products["B"], "SEAT", since=seat[0], until=seat[1])
        since = at("2026-02-10 21:20")
        for key, product in (("ann", "A"), ("cy", "A"), ("dee", "")):
            assign.assign(self.people[key].pk, product, actor="operator", now=since)

    def _use(self) -> None:
        use = self.world.send
        ann, ben = "ann@example.com", "ben@example.com"
        use(
            event("1", ann, "A", "2026-03-02 08:00", "2026-03-02 09:00", version="2025"),
            event("2", ann, "A", "2026-03-10 08:00", "2026-03-10 09:30", version="2026"),
            event("3", ann, "A", "2026-04-03 08:00", "2026-04-03 09:00", version="2026"),
            event("4", ben, "B", "2026-03-05 08:00", "2026-03-05 10:00"),
            event("5", "dee@example.com", "B", "2026-01-20 08:00", "2026-01-20 10:00"),
        )
        use(event("6", "eve", "A", "2026-03-07 08:00", "2026-03-07 09:00"), ent=True)
        self.people["eve"] = Person.objects.get(team=self.world.ent)

    def whose(self, user: User | None = None) -> Whose:
        """Return somebody, the administrator of both unless told, with what they may read."""
        user = user or self.boss
        return Whose(user, contracts_of(user), named=False)

    def ask(self, *types: ReportType, user: User | None = None, **more: Any) -> ExportRequest:
        """Ask for a file about the Flex team in March, unless told otherwise."""
        whose = self.whose(user)
        said = {"format": Format.CSV, "contracts": (self.world.flex_contract.number,), "days": MARCH, **more}
        return export.request_report(whose.user, whose.contracts, Spec(types=types, **said), now=NOW)

    def made(self, *types: ReportType, user: User | None = None, **more: Any) -> Path:
        """Have a file made, and return where it is."""
        row = self.ask(*types, user=user, **more)
        Runner(now).run()
        return self.opened(row).path

    def opened(self, row: ExportRequest) -> Download:
        """Return the file of a request, as its link opens it."""
        row.refresh_from_db()
        link = export.link_to(row, now=NOW)
        assert link is not None, row.reason
        return export.opened(link.url.rpartition("/")[2], now=NOW)

    def rows(self, report: ReportType, schema: Schema, **more: Any) -> list[list[str]]:
        """Have one report made as CSV, and return its lines, the names of the columns first."""
        return lines(self.made(report, schema=schema, **more).read_bytes())


def lines(content: bytes) -> list[list[str]]:
    """Read CSV."""
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def entries(path: Path) -> dict[str, list[list[str]]]:
    """Read a zip of CSV files."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: lines(archive.read(name)) for name in archive.namelist()}


def column(rows: Sequence[Sequence[str]], name: str) -> list[str]:
    """Return the cells of a column."""
    place = list(rows[0]).index(name)
    return [row[place] for row in rows[1:]]
