"""`farebox mail`: the mail server tried out, and the mails that were not sent."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="The mail server, and mails that wait or failed.", no_args_is_help=True)


@app.command("test")
def test(address: Annotated[str, typer.Argument(help="E-mail address to send a test to.")]) -> None:
    """Send a test mail at once, with the mail server of the settings; without one it is written into the outbox."""
    with opened():
        from django.conf import settings

        from farebox.services import mail
        from farebox.wallclock import now

        mail.try_out(address, now=now())
        where = f"{settings.MAIL_HOST} took it" if settings.MAIL_HOST else f"written into {settings.OUTBOX}"
        typer.echo(f"from {settings.MAIL_FROM}: {where}")


@app.command()
def queue() -> None:
    """List the mails that failed or wait: number, what about, team, state, tries, why; whom they go to is not told."""
    with opened():
        from farebox.services import mail

        for one in mail.outstanding():
            why = f"{one.trouble} {one.code or ''}".strip() if one.trouble is not None else "-"
            typer.echo(f"{one.number}\t{one.kind}\t{one.team or '-'}\t{one.state}\t{one.tries}\t{why}")
        standing = mail.standing()
        typer.echo(f"{standing.waiting} wait, {standing.put_off} of them after a failed try; {standing.failed} failed")


@app.command()
def retry() -> None:
    """Try again at once what failed or waits for its next try; a server that runs sends it."""
    with opened():
        from farebox.services import mail
        from farebox.wallclock import now

        typer.echo(f"{mail.retry(actor='command', now=now())} mails are tried again")
