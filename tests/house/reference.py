"""
The pages of `docs/reference` that are written from declarations.

`make docs` runs this module and writes them; `test_reference.py` compares. Nothing here knows a command, an
error or a code by name: whatever the program declares is listed.
"""

from __future__ import annotations

import importlib
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import django
from tests.house import declared, endpoints
from tests.house.source import ROOT, modules

REFERENCE = ROOT / "docs" / "reference"
"""Where the pages lie."""

NOTICE = "<!-- Written by `make docs` from the declarations; change those. -->"


def status_of(error: declared.ErrorClass) -> str:
    """Return the HTTP status that `farebox.api.errors` gives an error, or that each such error brings."""
    if error.brings_status:
        return "its own"
    table: Any = importlib.import_module("farebox.api.errors").STATUS
    by_name = {known.__name__: int(status) for known, status in table.items()}
    return str(by_name.get(error.name, ""))


def errors_page() -> str:
    """Write `errors.md`: the tree with its statuses, the tables of codes, and the codes of other refusals."""
    found = modules()
    errors = declared.error_classes(found)
    tree = [f"| `{each.name}` | `{each.code}` | {status_of(each)} | {each.says} |" for each in errors]
    answers = [f"| `{code}` | {status} | {_cell(says)} |" for code, status, says in declared.answered_codes(found)]
    gateway = [f"| `{code}` | {_cell(says)} |" for code, says in declared.gateway_codes(found)]
    tables = declared.declared_codes(found)
    listed = {code for table in tables.values() for code in table}
    others = [
        f"| `{used.code}` | {'<br>'.join(map(_cell, used.says))} | {', '.join(used.where)} |"
        for used in declared.used_codes(found)
        if used.code not in listed or used.where != ("services",)
    ]
    sections = [_TREE.format(rows="\n".join(tree)), _ANSWERS.format(rows="\n".join(answers))]
    sections.append(_GATEWAY.format(rows="\n".join(gateway)))
    for name, table in tables.items():
        rows = "\n".join(f"| {number} | `{code}` | {says} |" for number, (code, says) in enumerate(table.items(), 1))
        sections.append(_TABLE.format(title=_TITLES.get(name.rpartition(".")[2], name), rows=rows))
    if others:
        sections.append(_OTHERS.format(rows="\n".join(others)))
    return "\n".join([_ERRORS, *sections])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", "<br>")


_TITLES = {
    "PROBLEMS": "## Why an event is rejected\n\nNothing of it is kept; mended, it may be sent again.",
    "QUARANTINE": "## Why an event waits\n\nIt is kept in quarantine, and charged as soon as what it needs is known.",
}

_ERRORS = f"""# Errors
{NOTICE}

Every refusal has a code, which is stable, and a message, which is for people and may change. Where an input has several
problems all of them are listed, each with a JSON pointer to the place: `{{"pointer", "code", "message"}}`. Those of
an event come in the order of their table below, the same for every request. The usage data API (`/tokenflex/v1`)
answers in the form that its clients read: `{{"Code", "Message"}}`, with the same `problems` beside them.
"""

_TREE = """## The kinds of refusal

| error | code | status | meaning |
| --- | --- | --- | --- |
{rows}
"""

_TABLE = """{title}

| order | code | meaning |
| --- | --- | --- |
{rows}
"""

_ANSWERS = """## Answers to a whole request

Outside the usage data API the body is a problem document (RFC 9457): `code`, `detail`, and `problems` where there are
any.

| code | status | says |
| --- | --- | --- |
{rows}
"""

_GATEWAY = """## Refused sign-ins on the usage data API

The body is `{{"developerMessage", "userMessage", "errorCode", "more info"}}`.

| errorCode | developerMessage |
| --- | --- |
{rows}
"""

_OTHERS = """## Problems of other inputs

They stand in `problems` of a refusal, which has the status 400 unless the tables above say otherwise of its own code.

| code | says | found by |
| --- | --- | --- |
{rows}
"""


def commands() -> list[tuple[str, Any]]:
    """List (full name, command) of every command that the program has, groups left out, in the order of names."""
    import typer

    package = importlib.import_module("farebox.cli")
    apps = [value for value in vars(package).values() if isinstance(value, typer.Typer)]
    root: Any = typer.main.get_command(apps[0])
    return sorted(_leaves("farebox", root), key=lambda pair: pair[0])


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for child, inner in below.items():
        yield from _leaves(f"{name} {child}", inner)


def commands_page() -> str:
    """Write `commands.md`: every command with its help, its arguments and its options."""
    return "\n".join([_COMMANDS, *(_command(name, command) for name, command in commands()), ""])


def _command(name: str, command: Any) -> str:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    usage = " ".join([name, *(_argument(each) for each in arguments), *(["[options]"] if options else [])])
    rows = [
        *(f"| `{each.name.upper()}` | {_meaning(each)} |" for each in arguments),
        *(f"| `{', '.join(each.opts + each.secondary_opts)}` | {_meaning(each)} |" for each in options),
    ]
    table = "\n".join(["", "| parameter | meaning |", "| --- | --- |", *rows, ""]) if rows else ""
    return f"## {name}\n\n{textwrap.dedent(command.help or '').strip()}\n\n    {usage}\n{table}"


def _argument(parameter: Any) -> str:
    name = parameter.name.upper() + ("…" if parameter.nargs != 1 else "")
    return name if parameter.required else f"[{name}]"


def _meaning(parameter: Any) -> str:
    choices = [f"`{choice}`" for choice in _choices(parameter.type_descriptor.annotation)]
    default = getattr(parameter.default, "value", parameter.default)
    told = [
        (parameter.help or "").strip(),
        f"One of {', '.join(choices)}." if choices else "",
        "Required." if parameter.required and parameter.param_type_name == "option" else "",
        f"Default: `{default}`." if not parameter.required and isinstance(default, str | int) and default else "",
    ]
    return " ".join(filter(None, told))


def _choices(annotation: Any) -> Iterator[str]:
    """Yield the words that a parameter of an enumeration takes, also where it may be left out."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(choice.value) for choice in annotation)
    for inner in get_args(annotation):
        yield from _choices(inner)


_COMMANDS = f"""# Commands
{NOTICE}

`farebox COMMAND --help` says the same. Every command works on the data folder that `FAREBOX_DATA` names. A refusal
lists every problem on standard error and ends with 1; a command line that makes no sense ends with 2.
"""


def field_names() -> list[str]:
    """List the name of every field and metric that the catalogue of questions holds."""
    catalogue = importlib.import_module("farebox.query.catalogue")
    forms = importlib.import_module("farebox.query.declarations")
    return sorted({item.name for item in _flat(vars(catalogue).values()) if isinstance(item, forms.Declared)})


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        match value:
            case tuple() | list() | frozenset() | set():
                yield from _flat(value)
            case Mapping():
                yield from _flat(value.values())
            case _:
                yield value


def fields_page() -> str:
    """Write `fields.md`, as the catalogue of questions writes it."""
    page: str = importlib.import_module("farebox.query.catalogue").reference_markdown()
    return page


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "errors.md": errors_page,
    "fields.md": fields_page,
    "usage-api-endpoints.md": lambda: endpoints.page(NOTICE),
}
"""The pages that are written, and what writes them."""


def write(folder: Path = REFERENCE) -> None:
    """Write every page anew into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farebox.settings")
    django.setup()
    write()
