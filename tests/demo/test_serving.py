"""The server as a person runs it: started, used, ended by a signal, started again, with everything still there."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests import tables
from tests.cli.house import count, farebox, set_up
from tests.demo.served import PATIENCE_SECONDS, Served, free_port, serving

CURL = '''#!{python}
"""As much of curl as the demonstration's commands use."""
import sys
from urllib.request import Request, urlopen

words, headers, data, url, ends = iter(sys.argv[1:]), {{}}, None, "", ""
for word in words:
    if word == "-H":
        name, _, value = next(words).partition(": ")
        headers[name] = value
    elif word == "-d":
        data = next(words).encode()
    elif word == "-w":
        ends = next(words).replace("\\\\n", "\\n")
    elif word != "-s":
        url = word
sys.stdout.write(urlopen(Request(url, data, headers)).read().decode() + ends)
'''


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the demonstration in an empty folder."""
    with serving(tmp_path_factory.mktemp("demo") / "data", "demo") as served:
        yield served


TOKEN = (
    "from farebox.records.models import User\nfrom farebox.services.tokens import make\n"
    "from farebox.wallclock import now\nprint(make(User.objects.get(), name='t', days=1, now=now())[1])\n"
)
"""Makes a personal token, as people do in Settings."""


class Installation(NamedTuple):
    """A data folder, its contract, and the secrets with which to send and to ask."""

    folder: Path
    number: str
    key: str
    token: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Set up a team with a source and an administrator, once."""
    folder = tmp_path_factory.mktemp("installation") / "data"
    source = ("source", "add", "server", "--team", "design")
    account = ("account", "add", "boss@example.com", "Boss", "--team", "design", "--role", "primary")
    printed = set_up(folder, source, account, then=TOKEN, FAREBOX_PASSWORD="correct horse battery")
    number, key, _, token = printed[-4:]
    return Installation(folder, number, key, token)


@pytest.fixture
def house(made: Installation, tmp_path: Path) -> Installation:
    """Return an installation of a test's own."""
    return made._replace(folder=Path(shutil.copytree(made.folder, tmp_path / "data")))


def pasted(demo: Served, folder: Path) -> list[str]:
    """Paste the commands that the demonstration printed into a shell, and return the lines that they print."""
    printed = demo.printed.read_text(encoding="utf-8")
    commands = printed[printed.index("  # 1.") : printed.index("Everything is in")]
    (folder / "curl").write_text(CURL.format(python=sys.executable), encoding="utf-8")
    (folder / "curl").chmod(0o755)
    path = {"PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-e"], input=commands, env=path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_commands_that_it_prints_work_when_pasted(demo: Served, tmp_path: Path) -> None:
    """An event is charged, two questions are answered; pasted again, the person's window stands and costs nothing."""
    event, products, people = pasted(demo, tmp_path)
    time.sleep(1.1)  # the event's id is the second in which it is sent
    again = pasted(demo, tmp_path)[0]

    assert '"state":"accepted","charge":{"tokens":"7"' in event
    assert '"chargeCategory":"CHARGED"' in event
    assert '"state":"accepted","charge":{"tokens":"0"' in again
    assert '"columns":["productName","tokensConsumed","uniqueUsers"],"rows":[["AutoCAD",' in products
    assert "@demo.example" in people


def test_it_says_on_every_page_that_it_is_a_demonstration(demo: Served) -> None:
    """Nobody takes it for real numbers; the address that it prints leads to a page."""
    assert demo.base in demo.printed.read_text(encoding="utf-8")
    assert "demonstration" in demo.ask("/accounts/login/", **{"Content-Type": "text/html"})[1].lower()


def test_a_second_one_is_refused(demo: Served, tmp_path: Path) -> None:
    """The folder has an owner, and the port has too; either is said at once, before anything is built."""
    folder = demo.printed.parent / "data"
    port = demo.base.rpartition(":")[2]
    tables.lay(tmp_path / "other")

    same = farebox(folder, "demo", FAREBOX_PORT=str(free_port()))
    other = farebox(tmp_path / "other", "demo", FAREBOX_PORT=port)
    served = farebox(tmp_path / "other", "serve", FAREBOX_PORT=port)

    assert (same.returncode, other.returncode, served.returncode) == (1, 1, 1)
    assert same.stderr == f"process {demo.process.pid} serves {folder} already; stop it first (busy)\n"
    assert other.stderr == served.stderr
    assert (
        other.stderr
        == f"port {port} of 127.0.0.1 is taken by another program; choose another with FAREBOX_PORT (busy)\n"
    )
    assert count(tmp_path / "other", "records_team") == 0


def test_the_demonstration_ends_with_ctrl_c_and_starts_again(demo: Served) -> None:
    """SIGINT is a clean end; the next start is the same demonstration with new secrets, and what came in is there."""
    folder = demo.printed.parent / "data"
    first = demo.printed.read_text(encoding="utf-8")

    assert demo.end(signal.SIGINT) == 0
    events = count(folder, "records_event")
    with serving(folder, "demo") as again:
        second = again.printed.read_text(encoding="utf-8")
        assert again.end(signal.SIGTERM) == 0

    assert re.findall("usage/([0-9]+)/", first) == re.findall("usage/([0-9]+)/", second)
    assert re.findall("fb[sp]_[^']+", first) != re.findall("fb[sp]_[^']+", second)
    assert count(folder, "records_event") >= events > 10_000


def a_use(name: str) -> dict[str, Any]:
    """Return an event: an hour of AutoCAD that ended an hour ago."""
    since, until = (
        (datetime.now(UTC) - timedelta(hours=ago)).isoformat(timespec="seconds").replace("+00:00", "Z")
        for ago in (2, 1)
    )
    data = {"product": "ACD", "start": since, "end": until}
    envelope = {"specversion": "1.0", "id": name, "source": "test", "type": "farebox.session", "time": since}
    return envelope | {"subject": f"{name}@example.com", "data": data}


def test_what_was_answered_outlives_the_process(house: Installation) -> None:
    """However it ends, by SIGTERM or by SIGKILL, an event that was answered is there at the next start, once (I1)."""
    for name, sign, code in (("a", signal.SIGTERM, 0), ("b", signal.SIGKILL, -9)):
        with serving(house.folder, "serve") as served:
            status, answer = served.ask("/v1/events", a_use(name), key=house.key, Prefer="return=representation")
            assert (status, answer["accepted"], answer["events"][0]["charge"]["tokens"]) == (200, 1, "7")
            assert served.end(sign) == code

    with serving(house.folder, "serve") as served:
        assert served.ask("/v1/events", a_use("c"), key=house.key)[1]["accepted"] == 1
        assert served.ask(f"/tokenflex/v1/usage/{house.number}/query", key=house.token)[0] == 405
        assert _once_it_follows(served, house) == [[21, 3]]
    assert count(house.folder, "records_charge") == count(house.folder, "records_event") == 3


def _once_it_follows(served: Served, house: Installation, users: int = 3) -> list[list[object]]:
    """Ask until the answer has so many users."""
    question = {"metrics": ["tokensConsumed", "uniqueUsers"]}
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        status, answer = served.ask(f"/tokenflex/v1/usage/{house.number}/query", question, key=house.token)
        rows: list[list[object]] = answer["result"]["rows"]
        if status == 200 and rows[0][1] == users:
            return rows
        assert time.monotonic() < until, answer
        time.sleep(0.05)


def test_what_comes_in_is_in_the_answers_and_commands_work_beside_the_server(house: Installation) -> None:
    """Reports follow without a restart; a revoked key ends with the next request; a rebuild waits for the end."""
    with serving(house.folder, "serve") as served:
        assert served.ask("/v1/events", [a_use("a"), a_use("b")], key=house.key)[1]["accepted"] == 2
        assert _once_it_follows(served, house, users=2) == [[14, 2]]
        assert served.ask("/readyz")[1]["status"] == "ready"

        rebuild = farebox(house.folder, "warehouse", "rebuild")
        assert (rebuild.returncode, "stop it first" in rebuild.stderr) == (1, True)
        assert farebox(house.folder, "source", "revoke", "server", "--team", "design").returncode == 0
        assert served.ask("/v1/events", a_use("c"), key=house.key)[0] == 401

        assert served.end(signal.SIGINT) == 0
    assert farebox(house.folder, "warehouse", "rebuild").stdout.startswith("rebuilt to position ")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("FAREBOX_PORT", "eighty", "a setting makes no sense"),
        ("FAREBOX_PORT", "70000", "cannot listen on port 70000"),
        ("FAREBOX_HOST", "192.0.2.1", "cannot listen on port"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(house: Installation, name: str, value: str, says: str) -> None:
    """One line, and exit code 1; no trace of the program's inside."""
    refused = farebox(house.folder, "serve", **{"FAREBOX_PORT": str(free_port()), name: value})

    assert (refused.returncode, refused.stdout) == (1, "")
    assert says in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    """A file in the folder's place is no folder."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    refused = farebox(tmp_path / "file" / "data", "serve")

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "the data folder cannot be opened" in refused.stderr


def test_a_body_that_was_cut_is_not_kept(house: Installation) -> None:
    """A connection that ends in the middle of a request leaves nothing behind, and the server serves on."""
    with serving(house.folder, "serve") as served:
        head = (
            "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\n"
            f"Authorization: Bearer {house.key}\r\nContent-Length: 100000\r\n\r\n"
        )
        with closing(socket.create_connection(("127.0.0.1", int(served.base.rpartition(":")[2])))) as raw:
            raw.sendall(head.encode() + json.dumps(a_use("a")).encode() + b"\n")
        assert served.ask("/v1/events", a_use("b"), key=house.key)[0] == 200
        assert served.end(signal.SIGTERM) == 0
    assert count(house.folder, "records_event") == 1
