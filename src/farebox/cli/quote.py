"""`farebox quote`: what opening products now would be answered to somebody, without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened

if TYPE_CHECKING:
    from farebox.services.authorise import Answer


def quote(
    team: Annotated[str, typer.Argument(help="Slug of the team.")],
    person: Annotated[str, typer.Argument(help="E-mail address or login of the person.")],
    products: Annotated[list[str], typer.Argument(metavar="PRODUCT...", help="Product line codes.")],
) -> None:
    """Say whether somebody may open products now, why, and what it would cost; nothing is reserved or recorded."""
    with opened():
        from farebox.domain.errors import NotFound
        from farebox.domain.teams import canonical
        from farebox.services.authorise import Launch, Mode, quotes, team_of
        from farebox.wallclock import now

        at = now()
        number = team_of(team, now=at)
        if number is None:
            raise NotFound(f"there is no team {team!r}")
        named = canonical(person, pointer="/person")
        answers = quotes([Launch(number, named, code, Mode.QUOTE) for code in products], now=at)
        for code, answer in zip(products, answers, strict=True):
            typer.echo(f"{code}\t{_line(answer)}")


def _line(answer: Answer) -> str:
    from farebox.domain.amounts import as_text
    from farebox.domain.clock import as_iso

    until = f", covered until {as_iso(answer.covered_until)}" if answer.covered_until else ""
    return f"{answer.decision} {as_text(answer.cost)} ({answer.grounds}){until}"
