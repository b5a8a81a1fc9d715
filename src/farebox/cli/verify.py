"""`farebox verify`: every invariant of the books, a line each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened

if TYPE_CHECKING:
    from farebox.services.verify import KeptAudit, KeptHead

HeadFile = Annotated[
    Path | None, typer.Option("--head", help="A file from `farebox ledger head`: the ledger must still contain it.")
]
AuditHeadFile = Annotated[
    Path | None, typer.Option("--audit-head", help="A file from `farebox audit head`: the log must still contain it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")]


@dataclass(frozen=True, slots=True)
class _Found:
    """A line as it is printed."""

    rule: str
    name: str
    looked_at: str
    breaks: int
    offences: tuple[str, ...]

    def text(self) -> str:
        """Write the line, with the first offences below it."""
        state = "BREAK" if self.breaks else "ok"
        many = f"  ({self.breaks} found)" if self.breaks else ""
        below = "".join(f"\n         {offence}" for offence in self.offences)
        return f"{state:<6} {self.rule:<4} {self.name:<20} {self.looked_at}{many}{below}"


def verify(head: HeadFile = None, audit_head: AuditHeadFile = None, as_json: AsJson = False) -> None:
    """Prove every invariant of the books; end with 1 if any is broken. The server may go on running."""
    with opened():
        from farebox.services.verify import verify as prove

        found: list[_Found] = []
        for line in prove(_kept(head), _kept_audit(audit_head)):
            found.append(_Found(*line))
            if not as_json:
                typer.echo(found[-1].text())
    if as_json:
        typer.echo(_document(found))
    if any(line.breaks for line in found):
        raise typer.Exit(1)


def _document(found: Sequence[_Found]) -> str:
    lines = [
        {
            "rule": line.rule,
            "name": line.name,
            "ok": not line.breaks,
            "looked_at": line.looked_at,
            "breaks": line.breaks,
            "offences": list(line.offences),
        }
        for line in found
    ]
    return json.dumps({"ok": not any(line.breaks for line in found), "lines": lines}, indent=2)


def _kept(path: Path | None) -> tuple[KeptHead, ...]:
    """Read heads of ledgers that were exported earlier. Raises `Rejected` for a file that has none."""
    from farebox.services.verify import KeptHead

    return tuple(KeptHead(*one) for one in _read(path, "--head", "farebox ledger head"))


def _kept_audit(path: Path | None) -> tuple[KeptAudit, ...]:
    """Read heads of the audit log that were exported earlier. Raises `Rejected` for a file that has none."""
    from farebox.services.verify import KeptAudit

    return tuple(KeptAudit(*one) for one in _read(path, "--audit-head", "farebox audit head"))


def _read(path: Path | None, option: str, command: str) -> Iterator[tuple[str, int, str]]:
    from farebox.domain.errors import Problem, Rejected

    if path is None:
        return
    try:
        for one in json.loads(path.read_text(encoding="utf-8")):
            yield str(one["team"]), int(one["number"]), str(one["hash"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected([Problem(option, "invalid_value", f"this is no file that `{command}` wrote")]) from error
