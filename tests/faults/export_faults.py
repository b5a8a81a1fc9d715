"""An export whose writer dies at any step, and what is served of it then, in a child of the zygote (X2, X18)."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from tests.faults.powercuts import NOW
from tests.faults.scenes import hurry
from tests.faults.steps import die
from tests.faults.traffic import event

import farebox.settings
from farebox.domain.clock import MINUTE, Instant
from farebox.domain.rights import Role
from farebox.query.plan import Plan, Question
from farebox.records import exports
from farebox.records.exports import Written
from farebox.records.models import ExportRequest, Team
from farebox.records.reading import contracts_of
from farebox.services import catalogue, export
from farebox.services.export import Runner, link_to, opened, sweep
from farebox.services.export.files import Part
from farebox.services.export.room import Room
from farebox.services.ingest import SourceKey, ingest
from farebox.services.project import project
from farebox.warehouse.current import warehouse

SESSIONS = 40
LATER = Instant(NOW + 10 * MINUTE)
_QUESTION = Question(
    fields=("chargedItemID", "userName"), metrics=("tokensConsumed",), usage_categories=("DESKTOP_PRODUCT",)
)

STEPS: dict[str, tuple[Any, str, str]] = {
    "claimed": (Runner, "_write", "before"),
    "file begun": (Part, "__enter__", "after"),
    "some lines written": (Part, "write", "after"),
    "all lines written": (Part, "keep", "before"),
    "file in its place": (Part, "keep", "after"),
    "before it is recorded": (exports, "finish", "before"),
    "before the commit": (exports, "finish", "after"),
}
"""Where a writer dies: what it does, and before or after it."""


def _settle() -> None:
    """Put the files into the folder of this child."""
    hurry()
    settings.EXPORTS = farebox.settings.DATA / "exports"


def prepare() -> None:
    """Record some use, and ask for its sessions."""
    _settle()
    team = Team.objects.get(slug="fleet")
    ingest([event(f"s{nth}") for nth in range(SESSIONS)], key=SourceKey(0, team.pk), now=NOW)
    boss = catalogue.add_account(
        "boss@example.com", "correct horse battery", "Demo", roles={team: Role.PRIMARY}, now=NOW
    )
    export.request(boss, contracts_of(boss)[0], _QUESTION, now=NOW)


def write_until(step: str) -> None:
    """Write the file, and die at a step."""
    _settle()
    project()
    owner, name, side = STEPS[step]
    honest = getattr(owner, name)

    def then(*args: Any, **named: Any) -> Any:
        honest(*args, **named)
        die()

    setattr(owner, name, die if side == "before" else then)
    Runner(lambda: NOW).run()


def write_hastily() -> None:
    """Die as a build does that records the file before all of it is written."""
    _settle()
    project()

    def hasty(runner: Runner, row: ExportRequest, plan: Plan, part: Part, room: Room) -> None:
        with warehouse().snapshot() as snapshot:
            answer = snapshot.csv(plan)
            part.write(next(answer.parts)[1])
        written = Written(answer.rows, part.size_bytes, part.keep(), 1, NOW)
        exports.finish(row, written, names_hidden=False, now=NOW, expires=LATER)
        die()

    Runner._fill = hasty  # type: ignore[method-assign]
    Runner(lambda: NOW).run()


def look() -> dict[str, Any]:
    """Return whether a file is served, and what is wrong with it."""
    _settle()
    row = ExportRequest.objects.get()
    link = link_to(row, now=NOW)
    if link is None:
        return {"served": False, "torn": []}
    content = opened(link.url.rpartition("/")[2], now=NOW).path.read_bytes()
    faults = []
    if hashlib.sha256(content).hexdigest() != row.sha256:
        faults.append("another hash")
    if content.count(b"\r\n") != row.rows_written + 1 or row.rows_written != SESSIONS:
        faults.append("lines missing")
    return {"served": True, "torn": faults}


def finish() -> dict[str, Any]:
    """Let another writer come when the claim has lapsed, and return what is served and what lies about."""
    _settle()
    project()
    Runner(lambda: LATER).run()
    sweep(now=LATER)
    return look() | {"files": len(list(settings.EXPORTS.iterdir()))}
