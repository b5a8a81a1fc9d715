"""
Manners that hold everywhere: nothing left for later, nothing skipped, small functions, and a sentence on each.

The words that are looked for are put together here, so that this file is read like every other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from tests.house.source import ROOT, Module, calls, imports, modules, nodes, plant, texts

FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 400

LATER = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'}|{'XX' + 'X'})\b")
"""Notes that put work off."""

NOT_RUN = frozenset({"skip", "skipif", "skipTest", "skipUnless", "xfail", "importorskip"})
"""Ways in which a test is written and then not run."""


def notes_for_later(root: Path) -> list[str]:
    """List every line of a committed file that puts work off."""
    return [
        f"{path.relative_to(root)}:{number}"
        for path, text in texts(root)
        for number, line in enumerate(text.splitlines(), start=1)
        if LATER.search(line)
    ]


def held_back(found: Iterable[Module]) -> list[str]:
    """List every place in the tests that skips one, or expects it to fail."""
    return [f"{module.name}:{line} {name}" for module in found for line, name in _not_run(module)]


def _not_run(module: Module) -> Iterator[tuple[int, str]]:
    for line, target in imports(module):
        if target.split(".")[0] in {"pytest", "unittest"} and target.rpartition(".")[2] in NOT_RUN:
            yield line, target
    for node in nodes(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in NOT_RUN:
            owner = ast.unparse(node.value)
            if owner in {"pytest", "pytest.mark", "mark", "unittest", "self"}:
                yield node.lineno, f"{owner}.{node.attr}"


def naive_moments(found: Iterable[Module]) -> list[str]:
    """List every call that makes a moment without a zone."""
    return [f"{module.name}:{call.lineno} {called}" for module in found for call, called in _naive(module)]


def _naive(module: Module) -> Iterator[tuple[ast.Call, str]]:
    for call, called in calls(module.tree):
        if _is_naive(call, called):
            yield call, called


def _is_naive(call: ast.Call, called: str) -> bool:
    owner, _, method = called.rpartition(".")
    zoned = any(keyword.arg == "tz" for keyword in call.keywords)
    match method:
        case "utcnow" | "utcfromtimestamp":
            return True
        case "today":
            return owner in {"date", "datetime", "datetime.date", "datetime.datetime"}
        case "now":
            return owner in {"datetime", "datetime.datetime"} and not call.args and not zoned
        case "fromtimestamp":
            return owner in {"datetime", "datetime.datetime"} and len(call.args) < 2 and not zoned
        case _:
            return False


def too_long(found: Iterable[Module]) -> list[str]:
    """List every function and module above its length; migrations are as long as Django makes them."""
    return [
        f"{module.name}: {what}" for module in found if not module.is_written_by_a_tool for what in _too_long(module)
    ]


def _too_long(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > MODULE_LINES_MAX:
        yield f"{lines} lines"
    for node in nodes(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{node.name} has {length} lines"


def undocumented(found: Iterable[Module]) -> list[str]:
    """
    List every module, public class and public function without a docstring.

    A method that fills in one of a class of the same module is told by that one.
    """
    return [f"{module.name}{what}" for module in found if not module.is_written_by_a_tool for what in _bare(module)]


def _bare(module: Module) -> Iterator[str]:
    if ast.get_docstring(module.tree) is None:
        yield ""
    said: dict[str, set[str]] = {}
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            yield from _without_docstring(node)
            bare = {name for item in node.body for name in _without_docstring(item)}
            inherited = {name for base in node.bases for name in said.get(ast.unparse(base), ())}
            said[node.name] = inherited | {f".{item.name}" for item in node.body if isinstance(item, ast.FunctionDef)}
            yield from (f".{node.name}{name}" for name in sorted(bare - inherited) if _is_ours(node))
        else:
            yield from _without_docstring(node)


def _without_docstring(node: ast.AST) -> Iterator[str]:
    documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    if isinstance(node, documented) and not node.name.startswith("_") and node.name not in {"Meta", "Media"}:
        overload = any(ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in node.decorator_list)
        if ast.get_docstring(node) is None and not overload:
            yield f".{node.name}"


def _is_ours(node: ast.ClassDef) -> bool:
    return not node.name.startswith("_")


def silent_tests(found: Iterable[Module]) -> list[str]:
    """List every test that does not state in a docstring the behaviour that it holds."""
    return [
        f"{module.name}.{node.name}"
        for module in found
        for node in nodes(module.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and ast.get_docstring(node) is None
    ]


def the_tests() -> list[Module]:
    """Read the tests as modules."""
    return modules(ROOT, "tests")


def test_nothing_is_left_for_later() -> None:
    """No file says that something remains to be done: it is done, or it is written in the documents as a limit."""
    assert notes_for_later(ROOT) == []


def test_every_test_runs() -> None:
    """No test is skipped or expected to fail, on any machine."""
    assert held_back(the_tests()) == []


def test_every_test_states_a_behaviour() -> None:
    """Each test opens with the sentence that it proves."""
    assert silent_tests(the_tests()) == []


def test_no_moment_is_naive() -> None:
    """Nothing asks for a time without a zone (domain T1)."""
    assert naive_moments(modules()) == []


def test_functions_and_modules_are_small() -> None:
    """A function fits on a screen, a module on a few."""
    assert too_long(modules()) == []


def test_everything_public_has_a_sentence() -> None:
    """Each module, public class and public function says what it is for."""
    assert undocumented(modules()) == []


def test_a_note_for_later_is_caught(tmp_path: Path) -> None:
    """A note in any text file is reported, whatever its kind."""
    plant(tmp_path, {"docs/index.md": f"# Farebox\n{'TO' + 'DO'}: say more\n", "note.py": f"# {'FIX' + 'ME'} later\n"})

    assert len(notes_for_later(tmp_path)) == 2


@pytest.mark.parametrize(
    "line",
    ["@pytest.mark.{0}", "@pytest.mark.{0}(reason='slow')", "pytest.{0}('slow')", "from pytest import {0}"],
)
@pytest.mark.parametrize("way", ["sk" + "ip", "xf" + "ail"])
def test_a_test_that_does_not_run_is_caught(tmp_path: Path, line: str, way: str) -> None:
    """A mark, a call and an import that keep a test from running are reported."""
    text = line.format(way)
    body = f"{text}\ndef test_x(): ...\n" if text.startswith("@") else f"{text}\n"
    plant(tmp_path, {"farebox/x.py": body})

    assert len(held_back(modules(tmp_path))) == 1


@pytest.mark.parametrize(
    "call",
    ["datetime.now()", "datetime.utcnow()", "datetime.datetime.now()", "date.today()", "datetime.fromtimestamp(0)"],
)
def test_a_naive_moment_is_caught(tmp_path: Path, call: str) -> None:
    """Each way to make a moment without a zone is reported."""
    plant(tmp_path, {"farebox/x.py": f"at = {call}\n"})

    assert len(naive_moments(modules(tmp_path))) == 1


def test_an_aware_moment_is_let_through(tmp_path: Path) -> None:
    """The edges may read the clock in UTC."""
    plant(tmp_path, {"farebox/x.py": "a = datetime.now(UTC)\nb = datetime.now(tz=UTC)\n"})

    assert naive_moments(modules(tmp_path)) == []


def test_what_is_too_long_is_caught(tmp_path: Path) -> None:
    """A function of 61 lines and a module of 401 are reported; a migration of any length is not."""
    long = "def f():\n" + "    pass\n" * FUNCTION_LINES_MAX
    plant(
        tmp_path,
        {
            "farebox/long.py": long,
            "farebox/big.py": "x = 1\n" * (MODULE_LINES_MAX + 1),
            "farebox/records/migrations/m0001.py": long,
        },
    )

    assert too_long(modules(tmp_path)) == ["farebox.big: 401 lines", "farebox.long: f has 61 lines"]


def test_what_says_nothing_is_caught(tmp_path: Path) -> None:
    """A module, a class, a method and a function without a docstring are reported; private ones are not."""
    bare = "class A:\n    def b(self): ...\n    class Meta: ...\n\ndef c(): ...\ndef _d(): ...\n"
    plant(tmp_path, {"farebox/bare.py": bare})

    assert undocumented(modules(tmp_path)) == [
        "farebox.bare",
        "farebox.bare.A",
        "farebox.bare.A.b",
        "farebox.bare.c",
    ]


def test_a_test_without_a_sentence_is_caught(tmp_path: Path) -> None:
    """A test with a name and no docstring is reported."""
    plant(tmp_path, {"tests/test_x.py": "def test_x():\n    assert True\n"})

    assert silent_tests(modules(tmp_path, "tests")) == ["tests.test_x.test_x"]
