"""`farebox import`: usage that others recorded, and what is told of people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from farebox.cli.common import opened
from farebox.domain.errors import Busy, Problem, Rejected

if TYPE_CHECKING:
    from farebox.importers.feed import Fed
    from farebox.importers.flexnet import Reading, Summary
    from farebox.services.people_list import Shown
    from farebox.services.take_over import Taken

app = typer.Typer(help="Import usage that others recorded, and what is told of people.", no_args_is_help=True)


class DateOrder(StrEnum):
    """The order in which a server writes a date."""

    MDY = "mdy"
    DMY = "dmy"
    YMD = "ymd"


@app.callback()
def importing() -> None:
    """Import usage that others recorded, and what is told of people."""


@app.command()
def flexnet(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The server's debug log.")],
    team: Annotated[str, typer.Option(help="Slug of the team whose usage it is.")],
    zone: Annotated[str, typer.Option(help="The server's time zone, like Europe/Paris.")],
    product_map: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="TOML: features to products.")
    ] = None,
    date_format: Annotated[DateOrder | None, typer.Option(help="Order of dates; found out if left out.")] = None,
    server: Annotated[str, typer.Option(help="The server's name; read from the log if left out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Import a FlexNet debug log: check-outs and check-ins become uses, charged like any other."""
    with opened():
        from farebox.importers.feed import feed
        from farebox.importers.flexnet import (
            DateFormat,
            ProductMap,
            Reading,
            bounded_lines,
            read_product_map,
            zone_named,
        )
        from farebox.services import catalogue
        from farebox.wallclock import now

        owner = catalogue.team_named(team)
        mapped = read_product_map(_text(product_map)) if product_map else ProductMap()
        with file.open("rb") as stream, _progress(file.stat().st_size) as heard:
            reading = Reading(
                bounded_lines(stream),
                product_map=mapped,
                zone=zone_named(zone),
                date_format=DateFormat(date_format.value) if date_format else None,
                server=server or None,
                heard=heard,
            )
            fed = feed(_events(reading), team=owner.pk, source=lambda: _source(reading.summary.server), now=now())
        _say(reading.summary, fed, as_json=as_json)


@app.command()
def enrichment(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV: person,value,from.")],
    contract: Annotated[str, typer.Option(help="Number of the contract whose usage it is told for.")],
    category: Annotated[str, typer.Option(help="Name of the category, or customField1 to customField10.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Import a list of charge-back values of people: all that is told under a category is replaced by it."""
    with opened():
        from farebox.importers.enrichment import lines_of, read_csv
        from farebox.services.enrich import enrich
        from farebox.wallclock import now

        with file.open("rb") as stream:
            rows = read_csv(lines_of(stream))
            done = enrich(contract, category, rows, actor="command", now=now(), preview=dry_run)
        counts = {"set": done.set, "unchanged": done.unchanged, "ended": done.ended, "unknownPeople": done.unknown}
        if as_json:
            typer.echo(json.dumps({"category": done.category, "field": done.field, "dryRun": dry_run, **counts}))
            return
        would = "would be " if dry_run else ""
        kept = f"{done.unchanged} unchanged"
        typer.echo(f"{done.category} ({done.field}): {done.set} {would}set, {kept}, {done.ended} {would}ended")
        if done.unknown:
            many = "1 person in the list has" if done.unknown == 1 else f"{done.unknown} people in the list have"
            typer.echo(f"{many} used nothing yet; what is told waits")


@app.command("usage-report")
def usage_report(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, of any schema.")],
    team: Annotated[str, typer.Option(help="Slug of the team whose people these are.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict on every line as JSON.")] = False,
) -> None:
    """Import a usage report: people, and what they hold. What they used is counted and never charged."""
    with opened():
        from farebox.importers.usage_report import lines_of, read_usage_report
        from farebox.services.take_over import take_over
        from farebox.wallclock import now

        with file.open("rb") as stream:
            rows = read_usage_report(lines_of(stream))
            taken = take_over(team, rows, actor="command", now=now(), preview=dry_run)
        if as_json:
            typer.echo(json.dumps(_verdicts(taken, dry_run=dry_run)))
            return
        for line in _taken(taken, dry_run=dry_run):
            typer.echo(line)


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV.")]
Team = Annotated[str, typer.Argument(help="Slug of the team.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, say what would become of each line.")]
NAMED_MAX = 50
"""Lines that are left out and named one by one."""


@app.command()
def people(
    team: Team,
    file: File,
    product: Annotated[
        list[str] | None, typer.Option(help="Code of a product that all are given; may be said again.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All products of the offer, later ones included.")] = False,
    group: Annotated[int, typer.Option(help="Number of a group that all join.")] = 0,
    yes: Yes = False,
) -> None:
    """Import people: first name, last name, email address. Nobody gets a mail, and nobody is imported twice."""
    with opened():
        from farebox.importers.people import read_people
        from farebox.services import catalogue, people_list
        from farebox.wallclock import now

        owner, line = catalogue.team_named(team).pk, people_list.Command.LINE
        with file.open("rb") as stream:
            table = read_people(stream)
        read = people_list.Read(table.encoding, table.delimiter, table.passed_over, table.empty_lines)
        number = people_list.check(line, owner, table.rows, read, now=now())
        shown = people_list.shown(line, owner, number)
        for text in _judged(shown):
            typer.echo(text)
        if not yes:
            people_list.discard(line, owner, number, now=now())
            typer.echo("nobody is imported; add --yes to do it")
            return
        answer = people_list.begin(
            line, owner, number, shown.digest, products=product or (), every=everything, group=group, now=now()
        )
        if answer is not people_list.Answer.BEGUN:
            raise Busy("the team changed meanwhile; say it again")
        people_list.finish(number, now=now())
        done = people_list.shown(line, owner, number)
        left = (
            f"; left out, as they changed meanwhile: lines {', '.join(map(str, done.left_out))}"
            if done.left_out
            else ""
        )
        typer.echo(f"imported: {done.taken - len(done.left_out)}{left}")


@app.command()
def seats(team: Team, file: File, yes: Yes = False) -> None:
    """Give seats and trials: email address, product code, kind, start, end. Nobody gets a mail."""
    with opened():
        from farebox.importers.people import read_seats
        from farebox.services import catalogue
        from farebox.services import seats as service
        from farebox.wallclock import now

        owner, line, at = catalogue.team_named(team).pk, service.Command.LINE, now()
        with file.open("rb") as stream:
            lines = read_seats(stream).rows
        looked = service.give_list(line, owner, lines, now=at)
        for verdict in service.SeatVerdict:
            typer.echo(f"{sum(one.verdict is verdict for one in looked.lines)} {verdict}")
        for one in [one for one in looked.lines if one.problems][:NAMED_MAX]:
            typer.echo(f"  line {one.line}: {'; '.join(problem.message for problem in one.problems)}")
        if not yes:
            typer.echo("nothing is given; add --yes to do it")
        elif not service.give_list(line, owner, lines, digest=looked.digest, now=at).is_done:
            raise Busy("something changed meanwhile; say it again")
        else:
            typer.echo("given")


def _judged(shown: Shown) -> Iterator[str]:
    """Yield how many lines got each verdict, and what is wrong with those that are left out."""
    yield ", ".join(f"{number} {verdict}" for verdict, number in shown.counts.items() if number)
    left_out = [one for one in shown.lines if not one.is_taken]
    for one in left_out[:NAMED_MAX]:
        why = "; ".join(problem.message for problem in one.row.problems) or f"the same person as on line {one.of}"
        yield f"  line {one.row.line}: {why}"
    if len(left_out) > NAMED_MAX:
        yield f"  and {len(left_out) - NAMED_MAX} lines more"
    if shown.read_as.passed_over:
        yield f"columns that were passed over: {', '.join(shown.read_as.passed_over)}"
    if shown.read_as.empty_lines:
        yield f"empty lines that were passed over: {shown.read_as.empty_lines}"


def _verdicts(taken: Taken, *, dry_run: bool) -> dict[str, object]:
    from farebox.domain.amounts import as_text

    return {
        "dryRun": dry_run,
        "people": taken.people,
        "peopleNew": taken.people_new,
        "verdicts": dict(taken.counts),
        "unknownProducts": dict(taken.unknown_products),
        "daysUsed": taken.days_used,
        "tokensUsed": as_text(taken.tokens_used),
        "lines": [{"line": int(pointer.rpartition("/")[2]), "verdict": verdict} for pointer, verdict in taken.verdicts],
    }


def _taken(taken: Taken, *, dry_run: bool) -> Iterator[str]:
    """Yield what became of a usage report."""
    from farebox.domain.amounts import as_text

    would = "would be " if dry_run else ""
    counts = taken.counts
    yield f"{len(taken.verdicts)} lines about {taken.people} people, of whom {taken.people_new} {would}added"
    given = f"{counts['assigned']} products {would}assigned, {counts['seated']} seats {would}given"
    yield f"{given}, {counts['known']} known already"
    yield f"not taken: {counts['ended']} held no more, {counts['trial']} trials, {counts['hidden']} with hidden names"
    if taken.unknown_products:
        yield f"the catalogue does not know: {_counts(taken.unknown_products)}; add them, then import again"
    yield f"the report counts {as_text(taken.tokens_used)} tokens on {taken.days_used} days of use; nothing is charged"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Rejected([Problem("", "invalid_text", f"{path.name} is not UTF-8 at byte {error.start}")]) from error


def _events(reading: Reading) -> Iterator[dict[str, Any]]:
    from farebox.importers.flexnet import Session, as_event

    for record in reading:
        if isinstance(record, Session):
            yield as_event(record, _source(record.server))


def _source(server: str) -> str:
    """Return the identity of a licence server as a source; two logs of one server overlap without harm."""
    return f"flexnet:{server or 'unnamed'}"


class _progress:  # noqa: N801 — used as a context manager, like a function
    """A bar on standard error that follows the bytes read."""

    def __init__(self, size: int) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("Importing", total=size)

    def __enter__(self) -> Any:
        self._progress.start()
        return lambda size: self._progress.update(self._task, completed=size)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _say(summary: Summary, fed: Fed, *, as_json: bool) -> None:
    if as_json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(_account(summary, fed))).decode())
        return
    for line in (*_read(summary), *_charged(fed)):
        typer.echo(line)
    for note in summary.notes:
        typer.echo(f"note, line {note.line}: {note.message}")
    if summary.notes_left_out:
        typer.echo(f"{summary.notes_left_out} more notes are not shown")


def _read(summary: Summary) -> Iterator[str]:
    """Yield what was found in the log."""
    yield f"{summary.lines} lines: {summary.sessions} uses of {summary.people} people on {summary.machines} machines"
    yield f"products: {_counts(summary.products) or 'none'}"
    named = f"which the server calls {summary.zone_in_log}" if summary.zone_in_log else "which the log does not name"
    yield f"server {summary.server or 'unnamed'}; zone {summary.zone}, {named}"
    yield f"closed by: {_counts(summary.closed_by) or 'nothing'}"
    yield f"restarts of a daemon: {summary.restarts}; taken back idle: {summary.inactive}"
    yield f"{summary.merged} packages taken together with the version inside them, {summary.borrowed} borrowed"
    yield f"denied {summary.denied}, unsupported {summary.unsupported}; skipped: {_counts(summary.skipped) or 'none'}"
    yield f"unmapped features: {_counts(summary.unmapped) or 'none'}"
    yield f"other lines: {_counts(summary.kinds) or 'none'}"


def _charged(fed: Fed) -> Iterator[str]:
    """Yield what became of the uses."""
    from farebox.domain.amounts import as_text

    known, waiting = f"{fed.duplicate} known already", f"{fed.quarantined} waiting"
    yield f"events: {fed.accepted} accepted, {known}, {waiting}, {fed.rejected} rejected"
    if fed.waits_for:
        yield f"waiting for: {_counts(fed.waits_for)}; set them up, then: farebox quarantine release"
    for event, problem in fed.problems:
        yield f"  {event} {problem.pointer}: {problem.message} ({problem.code})"
    yield f"charges of all imports of this server: {_counts(fed.charges) or 'none'}; {as_text(fed.tokens)} tokens"


def _counts(counts: Any) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number)


def _account(summary: Summary, fed: Fed) -> dict[str, object]:
    from farebox.domain.amounts import as_text
    from farebox.importers.flexnet import as_json

    return as_json(summary) | {
        "events": {
            "received": fed.received,
            "accepted": fed.accepted,
            "duplicate": fed.duplicate,
            "rejected": fed.rejected,
            "quarantined": fed.quarantined,
        },
        "waitsFor": fed.waits_for,
        "problems": [{"id": event, **problem._asdict()} for event, problem in fed.problems],
        "charges": fed.charges,
        "tokens": as_text(fed.tokens),
    }
