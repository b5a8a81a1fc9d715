"""What is answered when something fails that is no fault of the request: a problem document, and no detail."""

from __future__ import annotations

import errno
import io
import json
import os
import sys

import pytest
from django.db import Error, OperationalError, connection
from django.test import Client
from tests.api.sending import Sender, an_event

from farebox import logs
from farebox.api import errors
from farebox.domain.clock import Instant
from farebox.domain.errors import Busy, Forbidden, StorageFull, Unavailable
from farebox.records.models import Counter
from farebox.records.outage import outage
from farebox.services import ready


def failing(sender: Sender) -> Client:
    """Return a client of a server that has lost a table, which tells what it got instead of raising."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_source RENAME TO away")
    return Client(raise_request_exception=False)


def test_an_error_of_ours_is_a_problem_document(sender: Sender) -> None:
    """A program gets 500 with a code and nothing of what went wrong."""
    body = json.dumps(an_event())

    answer = failing(sender).post(
        "/v1/events", body, content_type="application/json", headers={"Authorization": f"Bearer {sender.key}"}
    )

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "internal"
    assert "away" not in answer.content.decode()


def test_a_person_is_told_in_words(sender: Sender) -> None:
    """Whoever asks for a page gets a sentence, made without the records."""
    asked = {"Authorization": f"Bearer {sender.key}", "Accept": "text/html"}

    answer = failing(sender).post("/v1/events", b"{}", content_type="application/json", headers=asked)

    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert b"went wrong" in answer.content


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("database or disk is full", StorageFull),
        ('could not extend file "base/1": No space left on device', StorageFull),
        ("disk I/O error", Unavailable),
        ("attempt to write a readonly database", Unavailable),
        ("unable to open database file", Unavailable),
        ("no such table: away", None),
    ],
)
def test_a_disk_in_trouble_is_told_from_a_bug(words: str, refusal: type[Unavailable] | None) -> None:
    """What the engines say of a full or failing disk becomes a refusal that passes; anything else stays an error."""
    found = outage(OperationalError(words))

    assert (type(found) if found else None) is refusal
    assert isinstance(OperationalError(words), Error)


def test_who_may_come_again_is_told_when() -> None:
    """Refusals that pass say after how many seconds; others do not."""
    headers = [errors.refused(kind("x")).headers.get("Retry-After") for kind in (Busy, Unavailable, StorageFull)]

    assert headers == ["1", "5", "30"]
    assert "Retry-After" not in errors.refused(Forbidden("x")).headers


def test_the_probe_writes_and_its_outcome_holds_for_a_second(db: None) -> None:
    """Many who ask within a second cost one write; a clock that was set back makes it ask again."""
    written = []
    for now in (10_000_000, 10_999_999, 11_000_000, 9_000_000):
        ready.probe(now=Instant(now))
        written.append(Counter.objects.get(name="probe").value)

    assert written == [10_000_000, 10_000_000, 11_000_000, 9_000_000]


class NoRoom(io.StringIO):
    """A standard output on a disk that is full."""

    def write(self, text: str) -> int:
        """Refuse as the operating system does."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def flush(self) -> None:
        """Refuse likewise."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_line_for_which_there_is_no_room_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log cannot be written, the one who logs goes on; with room again, lines are written again."""
    monkeypatch.setattr(sys, "stdout", NoRoom())
    logs.Unfailing().write("lost\n")
    logs.Unfailing().flush()

    monkeypatch.setattr(sys, "stdout", found := io.StringIO())
    logs.Unfailing().write("kept\n")

    assert found.getvalue() == "kept\n"
