"""
The command line: one file a command, each thin. Django is imported inside the commands, so that help is quick.

A refusal prints every problem on standard error and ends with 1; a command line that makes no sense ends with 2.
"""

from __future__ import annotations

import typer

from farebox.cli import (
    account,
    adjust,
    approval,
    audit,
    balance,
    client,
    contract,
    defaults,
    demo,
    explain,
    group,
    imports,
    invite,
    ledger,
    mail,
    pack,
    person,
    product,
    quarantine,
    quote,
    rebuild,
    seat,
    serve,
    source,
    sso,
    team,
    verify,
    warehouse,
)

app = typer.Typer(
    name="farebox",
    help="Meter, charge and report the use of software that is paid for with prepaid tokens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("adjust")(adjust.adjust)
app.command("close-books")(contract.close_books)
app.command("consume")(adjust.consume)
app.command("withdraw")(adjust.withdraw)
app.command("balance")(balance.balance)
app.command("explain")(explain.explain)
app.command("quote")(quote.quote)
app.command("rebuild")(rebuild.rebuild)
app.command("verify")(verify.verify)
app.add_typer(account.app, name="account")
app.add_typer(approval.app, name="approval")
app.add_typer(audit.app, name="audit")
app.add_typer(client.app, name="client")
app.add_typer(contract.app, name="contract")
app.add_typer(defaults.app, name="defaults")
app.add_typer(group.app, name="group")
app.add_typer(imports.app, name="import")
app.add_typer(invite.app, name="invite")
app.add_typer(ledger.app, name="ledger")
app.add_typer(mail.app, name="mail")
app.add_typer(pack.app, name="pack")
app.add_typer(person.app, name="person")
app.add_typer(product.app, name="product")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(seat.app, name="seat")
app.add_typer(source.app, name="source")
app.add_typer(sso.app, name="sso")
app.add_typer(team.app, name="team")
app.add_typer(warehouse.app, name="warehouse")


def main() -> None:
    """Run the command line."""
    app()
