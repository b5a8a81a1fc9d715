"""`farebox team`: teams."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from farebox.cli.common import opened
from farebox.domain.errors import Problem, Rejected

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")

app = typer.Typer(help="Teams.", no_args_is_help=True)


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="Short name for events and commands, like design-north.")],
    name: Annotated[str, typer.Argument(help="Name for people.")],
) -> None:
    """Add a team."""
    with opened():
        from farebox.services import catalogue
        from farebox.wallclock import now

        _check(slug, name)
        catalogue.add_team(slug, name, now=now())
        typer.echo(f"team {slug} is added; next: farebox contract add {slug} flex --offer … --card …")


def _check(slug: str, name: str) -> None:
    problems = []
    if not _SLUG.fullmatch(slug):
        message = "a slug has up to 60 small letters, digits and hyphens, and begins with no hyphen"
        problems.append(Problem("/slug", "invalid_value", message))
    if not name.strip():
        problems.append(Problem("/name", "invalid_value", "a name is not empty"))
    if problems:
        raise Rejected(problems)
