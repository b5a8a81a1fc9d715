"""
The door works as the documents say: the README's command is what CI runs, every pin is locked, every lock is hashed.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from tests.house.source import ROOT

LOCKS = ROOT / "requirements"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(text: str) -> set[tuple[str, str]]:
    """Return (name, version) of every pinned package in `text`."""
    return {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in PIN.findall(text)}


def unhashed(lock: str) -> list[str]:
    """List every package of a lock file that carries no hash."""
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]


def requirement(text: str) -> tuple[str, str]:
    """Return (name, version) of a pinned requirement of `pyproject.toml`, extras and markers left out."""
    name, _, version = re.sub(r"\[.*?\]", "", text.split(";")[0]).strip().partition("==")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def project() -> dict[str, dict[str, object]]:
    """Read `pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    """Who runs what the README says sees what CI sees."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make test" in script
    assert re.search(r"^make test\b", readme, re.MULTILINE)
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_target_that_the_documents_name_exists() -> None:
    """A `make …` in a document is a target of the Makefile, and the Makefile's help names every target."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        name for page in pages for name in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.M)
    }

    assert named <= targets
    assert set(re.findall(r'echo "make ([a-z-]+)', makefile)) <= targets


@pytest.mark.parametrize("name", sorted(path.name for path in LOCKS.glob("*.lock")))
def test_every_locked_package_has_a_hash_and_no_host(name: str) -> None:
    """A lock says what to install, byte for byte, and nothing of where from."""
    lock = (LOCKS / name).read_text(encoding="utf-8")

    assert pins(lock)
    assert unhashed(lock) == []
    assert "://" not in lock


def test_what_the_project_pins_is_what_is_locked() -> None:
    """A pin changed in `pyproject.toml` without `make lock` fails here."""
    declared = project()
    runtime = {requirement(text) for text in _texts(declared["project"]["dependencies"])}
    extras = declared["project"]["optional-dependencies"]
    assert isinstance(extras, dict)
    dev = runtime | {requirement(text) for text in _texts(extras["dev"])}
    build = {requirement(text) for text in _texts(declared["build-system"]["requires"])}

    for file, wanted in {"runtime.lock": runtime, "dev.lock": dev, "build.lock": build}.items():
        assert wanted - pins((LOCKS / file).read_text(encoding="utf-8")) == set(), file


def test_the_locks_agree_with_each_other() -> None:
    """What the tests run against is what the server runs on."""
    runtime = pins((LOCKS / "runtime.lock").read_text(encoding="utf-8"))
    dev = pins((LOCKS / "dev.lock").read_text(encoding="utf-8"))

    assert runtime - dev == set()


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def test_the_uv_of_the_makefile_is_the_locked_one() -> None:
    """The version that `make lock` would pin is the version in use."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)

    assert wanted is not None
    assert pins((LOCKS / "bootstrap.lock").read_text(encoding="utf-8")) == {("uv", wanted.group(1))}


def test_a_package_without_a_hash_is_caught(tmp_path: Path) -> None:
    """A line without its hashes is reported, and pins are read whatever extras and markers they carry."""
    lock = tmp_path / "x.lock"
    lock.write_text("a==1 \\\n    --hash=sha256:00\nb==2\n    # via a\n", encoding="utf-8")

    assert unhashed(lock.read_text(encoding="utf-8")) == ["b==2"]
    assert requirement("Django_Tasks.db[compat]==0.13.0; platform_machine == 'x86_64'") == ("django-tasks-db", "0.13.0")
