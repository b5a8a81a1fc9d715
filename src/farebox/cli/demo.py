"""`farebox demo`: a year of believable usage, served."""

from __future__ import annotations

import json
import os
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened

if TYPE_CHECKING:
    from farebox.demo.given import Demo


def demo(
    build_only: Annotated[bool, typer.Option("--build-only", help="Build the year and stop.")] = False,
) -> None:
    """Build a deterministic year of usage in the data folder, and serve it (FAREBOX_DATA, FAREBOX_PORT)."""
    os.environ["FAREBOX_DEMO"] = "1"
    os.environ.setdefault("FAREBOX_OAUTH_COMPATIBILITY", "1")
    with opened():
        from farebox import settings
        from farebox.demo.build import prepare
        from farebox.house import own
        from farebox.serve import claim_port, serve
        from farebox.wallclock import now

        with own(settings.DATA):
            if not build_only:
                claim_port(settings.HOST, settings.PORT)
            ready = prepare(now=now(), said=lambda text: typer.echo(text, err=True))
            if not build_only:
                told = what_to_try(ready, base=settings.BASE_URL, folder=settings.DATA)
                serve(host=settings.HOST, port=settings.PORT, started=lambda: typer.echo(told))


def what_to_try(demo: Demo, *, base: str, folder: Path) -> str:
    """Return what the one who started the demonstration needs to read: where to look, who to be, what to try."""
    event = {
        "specversion": "1.0",
        "id": "try-AT-ONCE",
        "source": "try",
        "type": "farebox.session",
        "time": "AN-HOUR-AGO",
        "subject": "you@demo.example",
        "data": {"product": "ACD", "start": "AN-HOUR-AGO", "end": "JUST-NOW"},
    }
    cost = {"fields": ["productName"], "metrics": ["tokensConsumed", "uniqueUsers"]}
    who = {"fields": ["usageMonth", "userName"], "metrics": ["tokensConsumed"], "where": "productName = 'Revit'"}
    told = {"event": quote(json.dumps(event)), "cost": quote(json.dumps(cost)), "who": quote(json.dumps(who))}
    for word, command in _MOMENTS.items():
        told["event"] = told["event"].replace(word, f"'$({command})'")
    return _TOLD.format(demo=demo, base=base, folder=folder, **told)


_MOMENTS = {
    "AT-ONCE": "date +%s",
    "AN-HOUR-AGO": "date -u -d '1 hour ago' +%FT%TZ 2>/dev/null || date -u -v-1H +%FT%TZ",
    "JUST-NOW": "date -u +%FT%TZ",
}
"""Moments as the shell writes them, so that each paste is another use; not every `date` reads the same options."""

_TOLD = """
Farebox serves the demonstration. Look at it on this machine:

  {base}
  Sign in as one of these; the passwords are new at every start:

  {demo.admin.email:<26}{demo.admin.password}   the administrator of two teams
  {demo.ordinary.email:<26}{demo.ordinary.password}   a person, who sees what they may open and used
  {demo.operator.email:<26}{demo.operator.password}   the operator, who sets up teams and products

A program in which people sign in (OAuth 2, docs/oauth.md) uses

  Client ID   {demo.client_id}
  Secret      {demo.client_secret}   (new at every start)
  Returns to  http://localhost:3000/callback, http://localhost:8080/callback

Three things to try in another terminal, as often as you like:

  # 1. a use comes in and is charged; the same person and product are free for the next 24 hours
  curl -s -w '\\n' {base}/v1/events \\
    -H 'Authorization: Bearer {demo.source_key}' \\
    -H 'Content-Type: application/json' -H 'Prefer: return=representation' \\
    -d {event}

  # 2. what did each product cost, and how many people used it?
  curl -s -w '\\n' {base}/tokenflex/v1/usage/{demo.flex_contract}/query \\
    -H 'Authorization: Bearer {demo.token}' \\
    -H 'Content-Type: application/json' \\
    -d {cost}

  # 3. who used Revit under the enterprise contract, month by month?
  curl -s -w '\\n' {base}/tokenflex/v1/usage/{demo.enterprise_contract}/query \\
    -H 'Authorization: Bearer {demo.token}' \\
    -H 'Content-Type: application/json' \\
    -d {who}

Everything is in {folder}. Stop with Ctrl-C; the same command starts it again.
Next: docs/first-day.md sets up a data folder of your own, on the pages; docs/events.md is what programs send.
"""
