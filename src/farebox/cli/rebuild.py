"""`farebox rebuild`: everything that is derived, made anew from what is not."""

from __future__ import annotations

import typer

from farebox.cli.common import opened


def rebuild() -> None:
    """Compute balances and windows anew from the ledger, and fill the warehouse anew; stop the server first."""
    with opened():
        from farebox import settings
        from farebox.house import own
        from farebox.services import project
        from farebox.services.rebuild import rebuild_records

        with own(settings.DATA):
            mended = rebuild_records()
            position = project.rebuild()
            project.close()
        typer.echo(
            f"mended {mended.packs} packs, {mended.charges} charges, {mended.windows} windows; "
            f"the warehouse is rebuilt to position {position}"
        )
