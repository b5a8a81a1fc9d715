"""The examples of the page on moving scripts work as they are printed, against a running server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.clients.estate import DAYS, Estate
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "move-from-autodesk.md"
CURL = '''#!{python}
"""As much of curl as the page uses."""
import sys
from base64 import b64encode
from urllib.request import Request, urlopen

words, headers, data, url = iter(sys.argv[1:]), {{}}, [], ""
for word in words:
    if word == "-H":
        name, _, value = next(words).partition(": ")
        headers[name] = value
    elif word == "-u":
        headers["Authorization"] = "Basic " + b64encode(next(words).encode()).decode()
    elif word == "-d":
        data.append(next(words))
    elif word != "-s":
        url = word
sys.stdout.write(urlopen(Request(url, "&".join(data).encode() or None, headers)).read().decode())
'''


def block(language: str) -> str:
    """Return the only block of the page in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def run(line: list[str], estate: Estate, path: Path) -> str:
    """Run an example, configured as the page says, and return what it prints."""
    one = estate.programs["nightly"]
    env = {"BASE": estate.base, "CLIENT_ID": one.client_id, "CLIENT_SECRET": one.secret}
    env["PATH"] = os.pathsep.join([str(path), os.environ["PATH"]])
    return subprocess.run(line, env=env, capture_output=True, text=True, timeout=120, check=True).stdout


def test_the_shell_example_lists_the_contracts(estate: Estate, tmp_path: Path) -> None:
    """Credentials in the header get a token, and the token gets the contracts."""
    curl = tmp_path / "curl"
    curl.write_text(CURL.format(python=sys.executable), encoding="utf-8")
    curl.chmod(0o755)

    printed = run(["sh", "-ec", block("sh")], estate, tmp_path)

    assert f'"contractNumber":"{estate.number}"' in printed


def test_the_python_example_reads_an_export(estate: Estate, tmp_path: Path) -> None:
    """It orders, polls, downloads, and prints a line for each month, product and person."""
    printed = run([sys.executable, "-c", block("python")], estate, tmp_path)

    rows = [line.rsplit(" ", 2) for line in printed.splitlines()]
    assert {person for _, person, _ in rows} == {"ann@example.com", "ben@example.com"}
    assert sum(float(tokens) for *_, tokens in rows) == 7 * (DAYS + 5)
