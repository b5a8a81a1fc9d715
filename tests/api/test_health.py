"""What a supervisor asks: does it live, can it work, and how far are reports behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from tests.api.sending import Sender, an_event

from farebox.services.project import project
from farebox.warehouse import current


def test_it_lives_without_asking_anything(client: Client) -> None:
    """Liveness needs no records: this test has none, and says nothing of anybody."""
    answer = client.get("/livez")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_it_is_ready_and_says_how_far_behind_reports_are(sender: Sender, house: None) -> None:
    """The lag is that of the oldest batch that the warehouse has not; with none there is no lag."""
    sender.post(an_event())
    behind = sender.client.get("/readyz").json()
    project()
    level = sender.client.get("/readyz").json()

    assert behind["status"] == level["status"] == "ready"
    assert behind["lagSeconds"] >= 0
    assert level["lagSeconds"] == 0


def test_it_is_not_ready_when_the_records_cannot_be_read(client: Client, db: None, house: None) -> None:
    """A database without its tables is 503, and no detail is given away."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_batch RENAME TO away")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})


def test_it_is_not_ready_when_the_warehouse_cannot_be_opened(client: Client, db: None, tmp_path: Path) -> None:
    """A warehouse that is none is 503 as well, and the process goes on living."""
    current.place(tmp_path, memory_mb=256)

    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_read_and_nothing_else(client: Client, db: None, house: None, path: str) -> None:
    """HEAD is answered like GET, without a body; POST is not."""
    assert client.head(path).status_code == 200
    assert client.head(path).content == b""
    assert client.post(path).status_code == 405
