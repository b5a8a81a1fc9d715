"""A report script is pointed at Farebox by configuration only: signs in, orders, polls, downloads a report (C1, C9)."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.clients.estate import DAYS, Estate, program
from tests.house.source import ROOT

HEADER = ["usageDate", "contractYear", "usageCategory", "productName", "userName", "tokenPool"]
METRICS = ["tokensConsumed", "usageHours", "useCount"]


def rows_of(folder: Path, said: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rows of the only file that the script wrote, after checking its header."""
    (written,) = said["written"]
    with (folder / written["name"]).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == [*HEADER, *METRICS]
    return rows


def test_the_script_fetches_a_report_for_itself(estate: Estate, folder: Path) -> None:
    """With a client id tied to an administrator it needs nobody at a browser (usage-api 1.1, 6.2–6.4)."""
    with program("report_script", str(folder), **estate.configured("nightly") | {"REDIRECT_URI": ""}) as script:
        said = script.says()
        assert script.ends() == 0

    (written,) = said["written"]
    assert [one["contractNumber"] for one in said["contracts"]] == [estate.number]
    assert written["name"] == "usage report.csv"
    assert written["ordered"]["requestStatus"] == "Requested"
    assert not {"downloadUrl", "downloadUrlExpireDate", "readFlag"} & set(written["ordered"])
    assert written["response"]["requestStatus"] == "Download"
    assert written["response"]["readFlag"] == "N"
    assert 'filename="usage report.csv"' in written["headers"]["content-disposition"]
    rows = rows_of(folder, said)
    assert sum(int(row["useCount"]) for row in rows) == DAYS + 5
    assert sum(float(row["tokensConsumed"]) for row in rows) == 7 * (DAYS + 5)


def test_the_script_fetches_the_same_report_for_who_signs_in(estate: Estate, folder: Path) -> None:
    """With a redirect address it waits for the browser to bring a code back, and gets the same rows."""
    with program("report_script", str(folder), **estate.configured("script")) as script:
        address = script.says()["open"]
        assert "listening" in script.says()
        assert estate.boss().open(address).text == "You can close this window."
        said = script.says()
        assert script.ends() == 0

    assert len(rows_of(folder, said)) == DAYS + 5


def test_a_wrong_secret_is_told_in_both_ways(estate: Estate, folder: Path) -> None:
    """Who reads OAuth's members and who reads the gateway's both see what is wrong (usage-api 1.2: AUTH-003)."""
    line = [sys.executable, "-m", "tests.clients.programs.report_script", str(folder)]
    env = estate.configured("nightly") | {"CLIENT_SECRET": "wrong", "REDIRECT_URI": ""}

    ended = subprocess.run(line, env=env, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "401" in ended.stderr
    assert "invalid_client" in ended.stderr
    assert "AUTH-003" in ended.stderr


def test_a_wrapper_understands_every_refusal(estate: Estate) -> None:
    """Each refusal has the API's own members or the gateway's, with the documented code (usage-api 1.2, C9)."""
    with program("wrapper", BASE_URL=estate.base, TOKEN=estate.token, NUMBER=estate.number) as wrapper:
        told = [wrapper.says() for _ in range(18)]
        assert wrapper.ends() == 0

    refused = [(one["asked"], *one["refused"][:2]) for one in told]
    assert refused[-2:] == [("GET /contract", 401, "AUTH-006"), ("GET /contract", 401, "AUTH-012")]
    for asked, status, code in refused[:-2]:
        wanted = (403, "ForbiddenError") if "000000000000" in asked.split("/")[2] else (400, "BadRequestError")
        assert (status, code) == wanted, asked
    assert all(one["refused"][2].startswith(one["refused"][1]) for one in told[:-2])
