"""The documents on events, questions and operation say what the program does: their tables, examples and commands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client
from typer.testing import CliRunner

from farebox.api.events import EVENTS_MAX
from farebox.api.tokenflex.query import MEMBERS, ROWS_MAX
from farebox.cli import app
from farebox.query.plan import Asker, Question, make_plan
from farebox.records.models import Charge, Pack
from farebox.services.ingest.codes import PROBLEMS, PROBLEMS_MAX, QUARANTINE
from farebox.services.ingest.wire import DATA_TYPES, Envelope
from farebox.warehouse import current

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    """Read a document."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, kind: str) -> list[str]:
    """Return the fenced blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("codes", [PROBLEMS, QUARANTINE], ids=["problems", "quarantine"])
def test_every_code_is_in_the_table_in_its_order(codes: dict[str, str]) -> None:
    """The tables of problems are as the program declares them."""
    table = "| code | meaning |\n| --- | --- |\n" + "".join(f"| `{code}` | {says} |\n" for code, says in codes.items())

    assert table in page("events.md")


@pytest.mark.parametrize("kind", ["", *DATA_TYPES])
def test_every_member_of_an_event_is_described(kind: str) -> None:
    """The envelope and each type have their members in the page, the needed ones as needed."""
    text = page("events.md")
    struct = DATA_TYPES[kind] if kind else Envelope
    assert kind in text

    missing = [field.encode_name for field in msgspec.structs.fields(struct) if f"`{field.encode_name}`" not in text]
    assert missing == []


def test_the_limits_are_those_of_the_program(settings: Any) -> None:
    """Numbers in the documents are the constants of the program."""
    assert f"at most {EVENTS_MAX:,} events and {settings.EVENTS_MAX_BYTES // 2**20} MB" in page("events.md")
    assert f"up to {PROBLEMS_MAX}" in page("events.md")
    assert f"at most\n{ROWS_MAX:,}" in page("usage-api.md")
    assert all(f"| `{name}` |" in page("usage-api.md") for name in MEMBERS)


def test_the_answers_shown_are_json() -> None:
    """Every JSON block can be read, and the counts in it add up."""
    shown = [json.loads(block) for name in ("events.md", "usage-api.md") for block in blocks(name, "json")]

    assert len(shown) == 3
    received, *fates = (shown[0][name] for name in ("received", "accepted", "duplicate", "rejected", "quarantined"))
    assert received == sum(fates)


def test_the_conditions_shown_can_be_asked() -> None:
    """Each where clause of the page means something."""
    clauses = "".join(blocks("usage-api.md", "text")).splitlines()

    assert len(clauses) == 2
    for where in clauses:
        plan = make_plan(Question(metrics=("useCount",), where=where), Asker(contract_id=1, names_hidden=False))
        assert plan.where is not None


def pasted(name: str, number: int = 0) -> list[str]:
    """Return the words of a curl command of a document, with its line breaks joined."""
    command = blocks(name, "sh")[number].replace("\\\n", " ")
    return shlex.split(command)


def test_an_empty_folder_is_set_up_as_the_page_says(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The commands of the page, in their order, lead to an installation that charges the event of the other page."""
    monkeypatch.setenv("FAREBOX_PASSWORD", "correct horse battery")
    (setup,) = blocks("operating.md", "sh")
    printed: dict[str, str] = {}
    for line in setup.splitlines():
        command = re.sub(r"^CONTRACT=\$\((.*)\)$", r"\1", line)
        if not command.startswith("farebox ") or command == "farebox serve":
            continue
        words = [word.replace("$CONTRACT", printed.get("contract", "")) for word in shlex.split(command)[1:]]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, (words, done.output)
        printed[words[0]] = done.stdout.strip()

    body = pasted("events.md")[pasted("events.md").index("-d") + 1]
    sent = client.post("/v1/events", body, "application/json", headers={"Authorization": f"Bearer {printed['source']}"})
    assert (sent.status_code, sent.json()["accepted"]) == (200, 1)
    assert Charge.objects.get().tokens_micro == 7_000_000
    assert Pack.objects.get().left_micro == 493_000_000
    assert client.login(email="ann@studio.example", password="correct horse battery")
    current.place(tmp_path / "warehouse.duckdb", memory_mb=256)


def test_the_question_shown_can_be_asked() -> None:
    """The body of the page's example is a question that means something."""
    words = pasted("usage-api.md")
    body = json.loads(words[words.index("-d") + 1])

    assert set(body) <= set(MEMBERS)
    question = Question(fields=tuple(body["fields"]), metrics=tuple(body["metrics"]), where=body["where"])
    plan = make_plan(question, Asker(contract_id=1, names_hidden=False))
    assert plan.names == ("productName", "userName", "tokensConsumed", "usageHours")
