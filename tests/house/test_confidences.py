"""
What must never be in a committed file: a secret, a path of somebody's machine, a package registry, or the talk
that surrounded the work.

The words that are looked for are put together here, so that this file is read like every other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from tests.house.source import ROOT, Module, modules, nodes, plant, texts

REGISTRIES = re.compile("|".join(["py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.", r"\bregistry\.\w+\.\w+"]))
"""Hosts that packages come from: a lock file that names one fails on a machine that uses another."""

MACHINES = re.compile(r"(?<![\w.:/)}\]$-])/(?:work|root|tmp|home/\w+|Users/\w+)(?=[/\s\"'`,;:)]|$)", re.MULTILINE)
"""Folders of one machine."""

TALK = re.compile(
    "|".join(
        [
            r"\b(?:issue|ticket|pull request)s? #?\d+\b",
            r"\b(?:fixes|closes|resolves|refs) #\d+\b",
            r"\bwork" + r" session\b",
            r"\bsub" + r"-?agents?\b",
            r"\blanguage" + r" models?\b",
        ]
    ),
    re.IGNORECASE,
)
"""Talk about how the work was organised, which means nothing to the reader of the code."""

SECRET = re.compile(r"SECRET|PASSWORD|PRIVATE|CREDENTIAL|API_KEY|TOKEN")
ABOUT_SECRETS = re.compile(r"_(?:FILE|MODEL|HASHER|HASHERS|VALIDATORS|NAME|MAX|SECONDS|AGE|URL)$")
"""Settings that speak of secrets and hold none."""


def mentions(root: Path, pattern: re.Pattern[str]) -> list[str]:
    """List every line of a committed file that matches `pattern`."""
    return [
        f"{path.relative_to(root)}:{number}: {match.group().strip()}"
        for path, text in texts(root)
        for number, line in enumerate(text.splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


def secrets_with_defaults(found: Iterable[Module]) -> list[str]:
    """List every secret that the source itself gives a value."""
    return [f"{module.name}:{line} {name}" for module in found for line, name in _secrets(module)]


def _secrets(module: Module) -> Iterator[tuple[int, str]]:
    for node in nodes(module.tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))) if value:
                if module.name == "farebox.settings" and _is_secret(name):
                    yield node.lineno, name
            case ast.Call(args=[ast.Constant(value=str(name)), ast.Constant(value=str(value))]) if value:
                if ast.unparse(node.func) in {"os.environ.get", "os.getenv", "environ.get", "getenv"} and _is_secret(
                    name
                ):
                    yield node.lineno, name


def _is_secret(name: str) -> bool:
    return bool(SECRET.search(name)) and not ABOUT_SECRETS.search(name)


def test_no_file_names_a_registry() -> None:
    """Locks carry hashes and no host, so that the same files install from any mirror."""
    assert mentions(ROOT, REGISTRIES) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    """Tests use folders of their own, and documents use folders that every reader has."""
    assert mentions(ROOT, MACHINES) == []


def test_no_file_talks_about_the_work() -> None:
    """The tree explains itself, without numbers of a tracker that the reader may not have."""
    assert mentions(ROOT, TALK) == []


def test_no_secret_has_a_default() -> None:
    """A secret comes from the operator or is made at random; none is the same in two installations."""
    assert secrets_with_defaults(modules()) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRIES, "https://files." + "python" + "hosted.org/packages/x"),
        (REGISTRIES, "--index-" + "url https://" + "py" + "pi.org/simple"),
        (MACHINES, "cd " + "/wo" + "rk/farebox"),
        (MACHINES, "open('" + "/tm" + "p/answer.json')"),
        (MACHINES, "PATH=" + "/ho" + "me/ann/bin"),
        (TALK, "see iss" + "ue 12"),
        (TALK, "Clo" + "ses #7"),
    ],
)
def test_a_confidence_is_caught(tmp_path: Path, pattern: re.Pattern[str], line: str) -> None:
    """Each kind of line, planted in a document, is reported."""
    plant(tmp_path, {"docs/index.md": f"# Farebox\n\n{line}\n"})

    assert len(mentions(tmp_path, pattern)) == 1


@pytest.mark.parametrize(
    "line",
    ["https://example.test/wo" + "rk/x", "tmp_path / 'x'", "../wo" + "rk/x", "<a href='{{ base }}/tm" + "p/'>"],
)
def test_an_address_is_no_folder(tmp_path: Path, line: str) -> None:
    """A part of a web address or of a relative path is let through."""
    plant(tmp_path, {"docs/index.md": f"{line}\n"})

    assert mentions(tmp_path, MACHINES) == []


@pytest.mark.parametrize(
    "line", ["SECRET_KEY = 'change me'", "key = os.environ.get('FAREBOX_SECRET_KEY', 'change me')"]
)
def test_a_secret_with_a_default_is_caught(tmp_path: Path, line: str) -> None:
    """A literal key, and a literal to fall back on, are reported."""
    plant(tmp_path, {"farebox/settings.py": f"{line}\n"})

    assert len(secrets_with_defaults(modules(tmp_path))) == 1
