"""`farebox import flexnet`: a licence server's log becomes charged uses, once, with an account of what was read."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import Popen, TimeoutExpired

import pytest
from tests.cli.conftest import Run
from tests.cli.house import count, farebox, start
from tests.importers.flexnet_logs import back, dated, lmgrd_start, out, said

from farebox.importers.feed import BATCH
from farebox.records.models import Charge, Event

FEATURE = "85730ACD_2012_0F"
PLACE = ("--team", "design", "--zone", "Europe/Paris")
LOG = [
    *lmgrd_start("7:59:00", "Wed Mar 30 2016 07:59:00", "3/30/2016"),
    dated("8:00:00", "3/30/2016"),
    out("8:00:00", "ann@pc1"),
    out("8:10:00", "ben@pc2"),
    said("8:20:00", f'DENIED: "{FEATURE}" cy@pc3  (Licensed number of users already reached. (-4,342:10054))'),
    back("9:00:00", "ann@pc1"),
    back("9:10:00", "ben@pc2", tail="(INACTIVE)"),
    out("9:20:00", "dag@pc4", feature="SOMETHING"),
    back("9:30:00", "dag@pc4", feature="SOMETHING"),
    out("10:00:00", "eli@pc5"),
    said("11:00:00", "EXITING DUE TO SIGNAL 15 Exit reason 5"),
    *lmgrd_start("11:05:00", "Wed Mar 30 2016 11:05:00", "3/30/2016"),
    out("12:00:00", "fay@pc6"),
    "12:30:00 (adskflex) a line that moves nothing",
]


@pytest.fixture
def design(run: Run) -> None:
    """Set up the team, and the product that the log's features name."""
    run("product", "add", "ACD", "AutoCAD", "--offer", "all", "--since", "2016-01-01")
    run("product", "rate", "ACD", "7", "--card", "standard", "--since", "2016-01-01")
    run("team", "add", "design", "Design")
    run("contract", "add", "design", "flex", "--offer", "all", "--card", "standard", "--start", "2016-01-01")


@pytest.fixture
def log(tmp_path: Path) -> str:
    """Write the log."""
    path = tmp_path / "debug.log"
    path.write_text("\r\n".join(LOG) + "\r\n", encoding="utf-8")
    return str(path)


def test_a_log_becomes_charged_uses(run: Run, design: None, log: str) -> None:
    """The account says what was found, how uses were closed, what became of them, and what they cost."""
    told = run("import", "flexnet", log, *PLACE).stdout.splitlines()

    assert told[:6] == [
        f"{len(LOG)} lines: 5 uses of 5 people on 5 machines",
        "products: 4 ACD, 1 SOMETHING",
        "server SERVER01; zone Europe/Paris, which the server calls Romance Daylight Time",
        "closed by: 3 check_in, 1 open, 1 restart",
        "restarts of a daemon: 1; taken back idle: 1",
        "0 packages taken together with the version inside them, 0 borrowed",
    ]
    assert "denied 1, unsupported 0; skipped: none" in told
    assert "unmapped features: 1 SOMETHING" in told
    assert "events: 4 accepted, 0 known already, 1 waiting, 0 rejected" in told
    assert "waiting for: 1 unknown_product; set them up, then: farebox quarantine release" in told
    assert "charges of all imports of this server: 1 CASUAL, 3 CHARGED; 21 tokens" in told
    assert Event.objects.count() == 5


def test_the_same_log_again_changes_nothing(run: Run, design: None, log: str) -> None:
    """Every use has an identity, so that an import may be repeated (I2); its cost is told again, not added."""
    first = run("import", "flexnet", log, *PLACE).stdout.splitlines()
    charges = list(Charge.objects.order_by("pk").values_list("pk", "tokens_micro", "ended_us"))

    second = run("import", "flexnet", log, *PLACE).stdout.splitlines()

    assert "events: 0 accepted, 5 known already, 0 waiting, 0 rejected" in second
    assert second[-1] == first[-1]
    assert list(Charge.objects.order_by("pk").values_list("pk", "tokens_micro", "ended_us")) == charges
    assert Event.objects.count() == 5


def test_a_longer_log_of_the_same_server_amends_what_was_open(run: Run, design: None, log: str, tmp_path: Path) -> None:
    """A use that the first file left open ends in the second; nothing is doubled (domain M3)."""
    run("import", "flexnet", log, *PLACE)
    longer = tmp_path / "longer.log"
    longer.write_text("\n".join([*LOG, back("13:00:00", "fay@pc6")]) + "\n", encoding="utf-8")

    told = run("import", "flexnet", str(longer), *PLACE).stdout

    assert "events: 1 accepted, 4 known already, 0 waiting, 0 rejected" in told
    assert "28 tokens" in told
    assert Event.objects.count() == 5


def test_the_account_can_be_read_by_a_program(run: Run, design: None, log: str) -> None:
    """With --json there is one JSON object and nothing else, with the same numbers."""
    told = json.loads(run("import", "flexnet", log, *PLACE, "--json").stdout)

    assert told["events"] == {"received": 5, "accepted": 4, "duplicate": 0, "rejected": 0, "quarantined": 1}
    assert (told["lines"], told["sessions"], told["denied"], told["restarts"], told["inactive"]) == (
        len(LOG),
        5,
        1,
        1,
        1,
    )
    assert told["closed_by"] == {"check_in": 3, "open": 1, "restart": 1}
    assert (told["waitsFor"], told["unmapped"]) == ({"unknown_product": 1}, {"SOMETHING": 1})
    assert (told["tokens"], told["problems"], told["zone_in_log"]) == ("21", [], "Romance Daylight Time")
    assert told["first"].endswith("Z")
    assert sum(told["kinds"].values()) == told["lines"]


def test_a_map_tells_what_features_are(run: Run, design: None, log: str, tmp_path: Path) -> None:
    """A feature that names no product by itself is one by the map."""
    names = tmp_path / "map.toml"
    names.write_text('[[product]]\ncode = "ACD"\npackages = ["SOMETHING"]\n', encoding="utf-8")

    told = run("import", "flexnet", log, *PLACE, "--product-map", str(names)).stdout

    assert "unmapped features: none" in told
    assert "events: 5 accepted, 0 known already, 0 waiting, 0 rejected" in told


def test_every_mistake_of_a_map_is_told(run: Run, design: None, log: str, tmp_path: Path) -> None:
    """A map is refused with all its problems at once, and nothing is imported."""
    names = tmp_path / "map.toml"
    names.write_text(
        'colour = 1\n[[product]]\nname = ""\npackages = "A"\n[[product]]\ncode = "B"\nage = 1\n', encoding="utf-8"
    )

    wrong = run("import", "flexnet", log, *PLACE, "--product-map", str(names), code=1)

    assert [line.partition(":")[0] for line in wrong.stderr.splitlines()] == [
        "/colour",
        "/product/0/code",
        "/product/0/packages",
        "/product/0/name",
        "/product/1/age",
    ]
    assert Event.objects.count() == 0


def test_a_map_that_is_no_text_is_refused(run: Run, design: None, log: str, tmp_path: Path) -> None:
    """TOML is UTF-8."""
    names = tmp_path / "map.toml"
    names.write_bytes('[[product]]\ncode = "É"\n'.encode("latin-1"))

    assert "map.toml is not UTF-8" in run("import", "flexnet", log, *PLACE, "--product-map", str(names), code=1).stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--team", "nobody", "--zone", "UTC"), "no team 'nobody'"),
        (("--team", "design", "--zone", "Mars/Olympus"), "Mars/Olympus"),
        (("--team", "design", "--zone", "../../etc/passwd"), "zone"),
    ],
)
def test_what_is_not_there_is_refused(run: Run, design: None, log: str, words: tuple[str, ...], says: str) -> None:
    """An unknown team and a zone that is none end the import before anything is read."""
    assert says in run("import", "flexnet", log, *words, code=1).stderr
    assert Event.objects.count() == 0


def test_a_date_with_two_readings_is_asked_about(run: Run, design: None, tmp_path: Path) -> None:
    """Nothing is guessed: the import stops, and goes on when the order is said."""
    path = tmp_path / "two.log"
    path.write_text("\n".join([dated("8:00:00", "4/5/2016"), out("8:00:00"), back("9:00:00")]) + "\n", encoding="utf-8")

    assert "ambiguous_date_format" in run("import", "flexnet", str(path), *PLACE, "--server", "s", code=1).stderr
    told = run("import", "flexnet", str(path), *PLACE, "--server", "s", "--date-format", "dmy").stdout
    assert "events: 1 accepted" in told


def test_an_empty_log_is_no_error(run: Run, design: None, tmp_path: Path) -> None:
    """A server that was idle all night has nothing to say."""
    path = tmp_path / "empty.log"
    path.write_bytes(b"")

    told = run("import", "flexnet", str(path), *PLACE).stdout
    assert told.startswith("0 lines: 0 uses of 0 people")
    assert "server unnamed; zone Europe/Paris, which the log does not name" in told
    assert told.endswith("none; 0 tokens\n")


def many(uses: int) -> Iterator[str]:
    """Write a log of one use a second, more than one batch of them."""
    yield dated("0:00:00", "3/30/2016")
    for nth in range(uses):
        clock = f"{nth // 3600}:{nth // 60 % 60:02d}:{nth % 60:02d}"
        yield out(clock, f"user{nth % 40}@pc{nth % 40}")
        yield back(clock, f"user{nth % 40}@pc{nth % 40}")


def interrupted(running: Popen[str]) -> int:
    """Press Ctrl-C until the program ends: Python ignores one that comes while it runs a finalizer. Return its code."""
    for _ in range(12):
        running.send_signal(signal.SIGINT)
        with suppress(TimeoutExpired):
            return running.wait(timeout=10)
    raise AssertionError("an import goes on for two minutes whatever is pressed")


def test_an_interrupted_import_loses_nothing(folder: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle keeps the batches that were answered; run again, each use is there once."""
    lines = "".join(f"{line}\n" for line in many(BATCH + 500))
    pipe, whole = tmp_path / "pipe.log", tmp_path / "whole.log"
    os.mkfifo(pipe)
    whole.write_text(lines, encoding="utf-8")
    command = ("import", "flexnet", "--server", "s", *PLACE)

    with start(folder, *command, str(pipe)) as running, pipe.open("w", encoding="utf-8") as feeding:
        feeding.write(lines)
        feeding.flush()
        while count(folder, "records_event") < BATCH:
            assert running.poll() is None
            time.sleep(0.05)
        assert interrupted(running) != 0

    assert count(folder, "records_event") == BATCH
    again = farebox(folder, *command, str(whole))
    assert f"events: 500 accepted, {BATCH} known already, 0 waiting, 0 rejected" in again.stdout
    assert count(folder, "records_event") == BATCH + 500


def test_a_reader_that_goes_away_loses_nothing(folder: Path, log: str) -> None:
    """When nobody reads the account any more, what was imported stays."""
    reading, writing = os.pipe()
    with start(folder, "import", "flexnet", log, *PLACE, stdout=writing) as running:
        os.close(writing)
        os.close(reading)
        _, errors = running.communicate(timeout=120)

    assert count(folder, "records_event") == 5
    assert "Traceback" not in errors


def test_exit_codes_are_told_apart(folder: Path, tmp_path: Path) -> None:
    """As a process: 0 when done, 1 when refused, 2 when the command line makes no sense."""
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"")
    done, refused, senseless = (
        farebox(folder, "import", "flexnet", str(empty), *words)
        for words in (PLACE, ("--team", "nobody", "--zone", "UTC"), ())
    )

    assert (done.returncode, refused.returncode, senseless.returncode) == (0, 1, 2)
    assert refused.stdout == senseless.stdout == ""
    assert refused.stderr == "no team 'nobody' (not_found)\n"
