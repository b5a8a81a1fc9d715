"""`farebox demo`: a year of believable usage, served."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened

if TYPE_CHECKING:
    from farebox.demo.build import Demo


def demo(
    build_only: Annotated[bool, typer.Option("--build-only", help="Build the year and stop.")] = False,
) -> None:
    """Build a deterministic year of usage in the data folder, and serve it (FAREBOX_DATA, FAREBOX_PORT)."""
    os.environ["FAREBOX_DEMO"] = "1"
    with opened():
        from farebox import settings
        from farebox.demo.build import prepare
        from farebox.house import own
        from farebox.serve import serve
        from farebox.wallclock import now

        lock = own(settings.DATA)
        ready = prepare(now=now(), said=lambda text: typer.echo(text, err=True))
        if not build_only:
            serve(host=settings.HOST, port=settings.PORT, started=lambda: _say(ready, settings.BASE_URL))
        lock.close()


def _say(demo: Demo, base: str) -> None:
    typer.echo(f"""
Farebox serves the demonstration at {base}

  Sign in as  {demo.email}
  Password    {demo.password}          (new at every start)

Three things to try in another terminal:

  # a use comes in, and is charged
  curl -s {base}/v1/events -H 'Authorization: Bearer {demo.source_key}' \\
    -H 'Content-Type: application/json' -H 'Prefer: return=representation' \\
    -d '{{"specversion":"1.0","id":"try-1","source":"try","type":"farebox.session","time":"'$(date -u +%FT%TZ)'",
         "subject":"you@demo.example","data":{{"product":"ACD","start":"'$(date -u -d '1 hour ago' +%FT%TZ)'","end":"'$(date -u +%FT%TZ)'"}}}}'

  # what did each product cost this year? (Flex)
  curl -s {base}/tokenflex/v1/usage/{demo.flex_contract}/query -H 'Authorization: Bearer {demo.token}' \\
    -H 'Content-Type: application/json' -d '{{"fields":["productName"],"metrics":["tokensConsumed","uniqueUsers"]}}'

  # who used it in the enterprise contract, month by month?
  curl -s {base}/tokenflex/v1/usage/{demo.enterprise_contract}/query -H 'Authorization: Bearer {demo.token}' \\
    -H 'Content-Type: application/json' -d '{{"fields":["usageMonth","userName"],"metrics":["tokensConsumed"],"where":"productName = '"'Revit'"'"}}'

Stop with Ctrl-C; the same command starts it again.
""")
