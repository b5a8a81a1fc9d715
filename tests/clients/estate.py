"""A Farebox that runs in a process of its own, with usage in it, and programs that are registered with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.cli.house import set_up, start
from tests.clients.visitor import Visitor
from tests.demo.served import Served, free_port
from tests.house.source import ROOT

BOSS, PASSWORD = "boss@example.com", "correct horse battery"
DAYS = 60
"""Days of use: more than two pages of a program that asks for 25 rows at a time."""

SWITCHED_ON = {"FAREBOX_OAUTH_COMPATIBILITY": "1"}
"""What programs need that were written for older servers."""

SETTING_UP = """
from datetime import timedelta
import json
from farebox.domain.amounts import tokens
from farebox.domain.clock import DAY, HOUR, as_iso, day_of
from farebox.domain.packs import Pool
from farebox.records.models import ContractField, Team
from farebox.records.models.contracts import Scheme
from farebox.domain.rights import Role
from farebox.services import catalogue
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest
from farebox.services.oauth.clients import NewClient, act_for, allow_acting, register
from farebox.services.tokens import make
from farebox.wallclock import now

at = now() // DAY * DAY
studio = Team.objects.get(slug="studio")
contract = catalogue.add_contract(
    studio, Scheme.FLEX, offer="all", card="standard", start=day_of(at - 100 * DAY), name="Studio contract"
)
give(Purchase(contract=contract.number, pool=Pool.FLEX, tokens=tokens("1000"), since=at - 90 * DAY, until=None), now=at)
for position, name in ((1, "Geo"), (2, "Country"), (3, "Kostnadsställe / dépt.")):
    ContractField.objects.create(contract=contract, position=position, name=name)

def used(nth, who, geo):
    begun = at - (nth + 1) * DAY + 9 * HOUR
    data = {"product": "ACD", "start": as_iso(begun), "end": as_iso(begun + HOUR)}
    data["attributes"] = {"Geo": geo, "Country": geo[:2], "Kostnadsställe / dépt.": "Å 1"}
    return json.dumps({
        "specversion": "1.0", "id": f"{who}-{nth}", "source": "estate", "type": "farebox.session",
        "time": as_iso(begun), "subject": f"{who}@example.com", "data": data}).encode()

uses = [used(nth, "ann", "Nordic") for nth in range(DAYS)] + [used(nth, "ben", "Iberia") for nth in range(5)]
receipt = ingest(uses, key=SourceKey(0, studio.pk), now=now(), with_charges=True)
assert all(one.state == "accepted" for one in receipt.verdicts), receipt
boss = catalogue.add_account("boss@example.com", "correct horse battery", "Boss Example",
                             roles={studio: Role.PRIMARY}, now=now())
secret = make(boss, name="script", days=2, now=now(), scopes="data:read data:write")[1]

def registered(name, redirect, **more):
    row, secret = register(NewClient(name=name, redirects=[redirect], team=studio.pk, **more), actor="tests", now=now())
    return row.client_id, secret, redirect

programs = {name: registered(name, redirect, **more) for name, (redirect, more) in PROGRAMS.items()}
allow_acting(studio.pk, allowed=True, actor="tests", now=now())
act_for(programs["nightly"][0], "boss@example.com", actor="tests", now=now())
print("MADE " + json.dumps({"number": contract.number, "token": secret, "programs": programs}))
"""
"""A team whose administrator is Boss: 60 days of use by Ann and 5 by Ben, 7 tokens each; and its programs."""


def programs() -> dict[str, tuple[str, dict[str, object]]]:
    """Return each program that is registered: where it wants people sent back to, and what is special about it."""
    local = {name: f"http://127.0.0.1:{free_port()}/callback" for name in ("script", "nightly", "overview", "charts")}
    found: dict[str, tuple[str, dict[str, object]]] = {name: (at, {"writes": True}) for name, at in local.items()}
    found["connector"] = ("https://tool.example.com/views/oauthredirect.html", {"public": True})
    page = f"http://localhost:{free_port()}/page.html"
    return found | {"page": (page, {"public": True, "implicit": True, "writes": True})}


class Registered(NamedTuple):
    """What a program is configured with, beside the address of the server."""

    client_id: str
    secret: str
    redirect: str


class Estate(NamedTuple):
    """A running Farebox, and what is needed to talk to it."""

    served: Served
    number: str
    token: str
    programs: dict[str, Registered]

    @property
    def base(self) -> str:
        """The address of the server."""
        return self.served.base

    def configured(self, name: str) -> dict[str, str]:
        """Return the configuration of a registered program: an address, a client id and a secret."""
        one = self.programs[name]
        given = {"CLIENT_ID": one.client_id, "CLIENT_SECRET": one.secret, "REDIRECT_URI": one.redirect}
        return {"BASE_URL": self.base, **given}

    def boss(self) -> Visitor:
        """Return the administrator at a browser in which nobody is signed in."""
        return Visitor(BOSS, PASSWORD)


@contextmanager
def running(folder: Path) -> Iterator[Estate]:
    """Set up a data folder and serve it, with what old programs need switched on."""
    then = f"DAYS, PROGRAMS = {DAYS}, {programs()!r}\n{SETTING_UP}"
    printed = set_up(folder, ("team", "add", "studio", "The studio"), then=then, **SWITCHED_ON)
    made = json.loads(next(line for line in printed if line.startswith("MADE "))[5:])
    known = {name: Registered(*told) for name, told in made["programs"].items()}
    with serving(folder) as served:
        yield Estate(served, made["number"], made["token"], known)


@contextmanager
def serving(folder: Path, **more: str) -> Iterator[Served]:
    """Serve a folder until the block ends."""
    port, printed = free_port(), folder.parent / "printed.txt"
    with printed.open("w", encoding="utf-8") as out:
        process = start(folder, "serve", stdout=out.fileno(), FAREBOX_PORT=str(port), **SWITCHED_ON, **more)
        try:
            served = Served(process, port, printed)
            served.await_answer()
            yield served
        finally:
            process.kill()
            process.communicate()


class Program:
    """A stand-in that runs, knowing its configuration and nothing else."""

    def __init__(self, name: str, *words: str, **configured: str) -> None:
        line = [sys.executable, "-m", f"tests.clients.programs.{name}", *words]
        self.process = subprocess.Popen(
            line, env=configured, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def says(self) -> dict[str, Any]:
        """Return the next thing that the program says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the program ended with {self.process.wait(60)}"
        said: dict[str, Any] = json.loads(line)
        return said

    def tell(self, line: str) -> None:
        """Write a line to the program."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ends(self) -> int:
        """Wait until the program has ended, and return how."""
        self.process.communicate(timeout=120)
        return self.process.returncode


@contextmanager
def program(name: str, *words: str, **configured: str) -> Iterator[Program]:
    """Run a stand-in until the block ends."""
    started = Program(name, *words, **configured)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.communicate()
