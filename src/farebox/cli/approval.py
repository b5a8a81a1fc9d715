"""`farebox approval`: what one operator proposed and another one approves."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="What takes two operators.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="Number, from: farebox approval list.")]


@app.command("list")
def list_(
    decided: Annotated[bool, typer.Option("--decided", help="Those that are decided or lapsed instead.")] = False,
) -> None:
    """List proposals: number, kind, team, proposed by, proposed, lapses, state."""
    with opened():
        from farebox.domain.clock import as_iso
        from farebox.services import proposals
        from farebox.wallclock import now

        for one in proposals.listed(is_open=not decided, at=now()):
            times = f"{as_iso(one.proposed)}\t{as_iso(one.lapses)}"
            who = one.proposer or one.proposed_by
            typer.echo(f"{one.number}\t{one.kind.lower()}\t{one.slug}\t{who}\t{times}\t{one.state.lower()}")


@app.command()
def approve(number: Number) -> None:
    """Carry out what an account proposed; what the command line proposed is approved on the pages."""
    with opened():
        from farebox import desk
        from farebox.wallclock import now

        desk.approve(number, actor="command", now=now())
        typer.echo(f"proposal {number} is carried out")


@app.command()
def refuse(number: Number) -> None:
    """Refuse a proposal, or take back what the command line proposed."""
    with opened():
        from farebox.services import proposals
        from farebox.wallclock import now

        state = proposals.refuse(number, actor="command", now=now())
        typer.echo(f"proposal {number} is {state.lower()}")
