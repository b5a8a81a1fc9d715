"""
The reference is complete: every setting, command, error code and query field is in `docs/reference`.

Pages that are written from declarations are compared with what the declarations say today; `make docs` mends them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.house import declared, reference
from tests.house.source import ROOT, modules, plant

SETTING = re.compile(r"^\| `(FAREBOX_[A-Z0-9_]+)` \| (.*?) \| (.+) \|$", re.MULTILINE)
"""A row of `settings.md`: name, default, meaning."""


def unwritten(names: Iterable[str], page: str) -> list[str]:
    """List the names that `page` does not show as code."""
    return [name for name in names if f"`{name}`" not in page]


def misstated(read: dict[str, str | None], page: str) -> list[str]:
    """List every setting whose row is missing, is left over, or gives another default than the program."""
    rows = {name: default for name, default, _ in SETTING.findall(page)}
    wrong = [name for name, default in read.items() if name in rows and default and rows[name] != f"`{default}`"]
    return sorted({*wrong, *(read.keys() ^ rows.keys())})


def documents() -> str:
    """Return the reference as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(reference.REFERENCE.glob("*.md")))


@pytest.mark.parametrize("name", sorted(reference.PAGES))
def test_a_written_page_is_as_the_declarations_say(name: str) -> None:
    """A page that is written from declarations is what `make docs` writes today."""
    assert (reference.REFERENCE / name).read_text(encoding="utf-8") == reference.PAGES[name]()


def test_every_setting_has_a_row_with_its_default() -> None:
    """Each FAREBOX_ variable that the program reads is described, no other is, and the defaults agree."""
    page = (reference.REFERENCE / "settings.md").read_text(encoding="utf-8")
    assert misstated(declared.settings_read(modules()), page) == []


def test_every_command_is_described() -> None:
    """Each command is a section of the page on commands, and says in a sentence what it does."""
    page = (reference.REFERENCE / "commands.md").read_text(encoding="utf-8")
    found = reference.commands()
    assert found
    assert [name for name, _ in found if f"## {name}\n" not in page] == []
    assert [name for name, command in found if not (command.help or "").strip()] == []


def test_every_error_and_code_is_described() -> None:
    """Each error class, declared code and written-out code of a problem is in the page on errors."""
    page = (reference.REFERENCE / "errors.md").read_text(encoding="utf-8")
    found = modules()
    classes = declared.error_classes(found)
    assert classes
    assert unwritten([each.name for each in classes], page) == []
    assert unwritten([each.code for each in classes], page) == []
    assert unwritten([code for code, _, _ in declared.answered_codes(found)], page) == []
    assert unwritten([code for code, _ in declared.gateway_codes(found)], page) == []
    assert unwritten([code for table in declared.declared_codes(found).values() for code in table], page) == []
    assert unwritten([used.code for used in declared.used_codes(found)], page) == []


def test_every_parameter_and_member_has_a_meaning() -> None:
    """No endpoint takes or answers something of which the page on endpoints does not say what it is."""
    assert [line for line in reference.PAGES["usage-api-endpoints.md"]().splitlines() if line.endswith("|  |")] == []


def test_every_error_has_a_status() -> None:
    """The one module that knows HTTP translates every error of the tree."""
    assert [each.name for each in declared.error_classes(modules()) if not reference.status_of(each)] == []


def test_every_field_and_metric_is_described() -> None:
    """Each field and metric of the catalogue is in the page on fields."""
    page = (reference.REFERENCE / "fields.md").read_text(encoding="utf-8")
    names = reference.field_names()
    assert names
    assert [name for name in names if f"| {name} |" not in page] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    """No document links to a file that is not there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert [link for page in pages for link in dead_links(page)] == []


def dead_links(page: Path) -> list[str]:
    """List every relative link of `page` that leads to no file."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [f"{page.name} → {link}" for link in links if "://" not in link and not (page.parent / link).exists()]


def unknown_commands(text: str, known: Iterable[str]) -> list[str]:
    """List every line of a shell block in `text` that calls a command which the program does not have."""
    names = tuple(known)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = re.findall(r"(?:^|\$\()farebox (.*)", "\n".join(blocks), re.MULTILINE)
    return [line for line in lines if not f"farebox {line} ".startswith(tuple(f"{name} " for name in names))]


def test_every_command_in_an_example_exists() -> None:
    """What the documents tell people to type is a command of the program."""
    known = [name for name, _ in reference.commands()]
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert [line for page in pages for line in unknown_commands(page.read_text(encoding="utf-8"), known)] == []


def test_an_unknown_command_in_an_example_is_caught() -> None:
    """A command that was renamed is reported where an example still uses the old name."""
    text = "```sh\nfarebox serve &\nKEY=$(farebox key add x)\n```\nfarebox talk\n"

    assert unknown_commands(text, ["farebox serve", "farebox source add"]) == ["key add x)"]


def test_a_missing_row_a_stale_row_and_a_wrong_default_are_caught(tmp_path: Path) -> None:
    """A setting without a row, a row without a setting, and two that disagree are each reported."""
    source = "os.environ.get('FAREBOX_A', '1')\nos.environ['FAREBOX_B']\nos.getenv('FAREBOX_C')\no(envvar='FAREBOX_D')"
    plant(tmp_path, {"farebox/settings.py": source})
    page = "| `FAREBOX_A` | `2` | a |\n| `FAREBOX_C` | none | c |\n| `FAREBOX_OLD` | none | gone |\n"

    read = declared.settings_read(modules(tmp_path))

    assert misstated(read, page) == ["FAREBOX_A", "FAREBOX_B", "FAREBOX_D", "FAREBOX_OLD"]


def test_an_error_of_any_depth_is_found(tmp_path: Path) -> None:
    """A class below another error is listed, with the code that it inherits."""
    source = (
        'class FareboxError(Exception):\n    """Refused."""\n    code = "refused"\n'
        'class Rejected(FareboxError):\n    """Bad input."""\n    code = "rejected"\n'
        'class Late(Rejected):\n    """Too late."""\n'
        'class Other(Exception):\n    """None of ours."""\n'
    )
    plant(tmp_path, {"farebox/domain/errors.py": source})

    assert [each[:4] for each in declared.error_classes(modules(tmp_path))] == [
        ("FareboxError", "refused", "Refused.", ()),
        ("Rejected", "rejected", "Bad input.", ("FareboxError",)),
        ("Late", "rejected", "Too late.", ("Rejected", "FareboxError")),
    ]


def test_a_code_is_found_wherever_it_is_written(tmp_path: Path) -> None:
    """Tables of codes and codes written out in a problem are found, with what they say."""
    plant(
        tmp_path,
        {
            "farebox/services/ingest/codes.py": "PROBLEMS: dict[str, str] = {'too_long': 'Too long.'}\n",
            "farebox/api/events.py": "no(HTTPStatus.NOT_FOUND, 'gone', 'it is gone')\nno('AUTH-006', 'Not valid.')\n",
            "farebox/query/where.py": "Problem('/where', 'syntax', f'expected {what}')\n"
            "errors.Problem(pointer=at, code='a' if x else 'b', message=text)\n",
            "farebox/query/plan.py": "class Maker:\n"
            "    def refuse(self, pointer, code, message):\n        Problem(pointer, code, f'here: {message}')\n"
            "def check(maker):\n    maker.refuse('/fields', 'no_field', 'no such field')\n",
        },
    )
    found = modules(tmp_path)

    assert declared.declared_codes(found) == {"farebox.services.ingest.codes.PROBLEMS": {"too_long": "Too long."}}
    assert [used.code for used in declared.used_codes(found)] == ["a", "b", "no_field", "syntax"]
    assert [used.says for used in declared.used_codes(found) if used.code == "no_field"] == [("no such field",)]
    assert declared.answered_codes(found) == [("gone", 404, "it is gone")]
    assert declared.gateway_codes(found) == [("AUTH-006", "Not valid.")]
    assert unwritten(["syntax", "a"], "| `a` | …") == ["syntax"]


def test_a_dead_link_is_caught(tmp_path: Path) -> None:
    """A link to a file that is not there is reported; one to the outside is not followed."""
    plant(tmp_path, {"index.md": "[a](gone.md) [b](index.md#here) [c](https://example.test/x)\n"})

    assert dead_links(tmp_path / "index.md") == ["index.md → gone.md"]
