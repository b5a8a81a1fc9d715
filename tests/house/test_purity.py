"""
The rules and the query planner do no I/O, read no clock, and count tokens in whole numbers.

What they may import is listed, so that a new need is a decision and not a habit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from tests.house.source import Module, calls, imports, modules, nodes, plant

PURE = ("domain", "query")
"""The layers without I/O."""

# fmt: off
STANDARD = frozenset({
    "__future__", "abc", "base64", "bisect", "calendar", "collections", "contextlib", "dataclasses", "datetime",
    "decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "hmac", "itertools", "json",
    "keyword", "math", "numbers", "operator", "re", "statistics", "string", "struct", "textwrap", "types",
    "typing", "unicodedata", "zoneinfo",
})
# fmt: on
"""Standard library that computes and does nothing else; `zoneinfo` reads only the table of the world's clocks."""

PARSERS = {"domain": frozenset[str](), "query": frozenset({"lark"})}
"""Beyond the standard library: `query` may use the parser."""

FORBIDDEN_CALLS = frozenset({"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"})
FORBIDDEN_METHODS = frozenset({"now", "utcnow", "today"})
"""The ways to learn what time it is that an allowed module still offers."""


def impurities(found: Iterable[Module]) -> list[str]:
    """List every import and call in the pure layers that does I/O or reads a clock."""
    return [
        f"{module.name}:{line} {what}" for module in found if module.layer in PURE for line, what in _impurities(module)
    ]


def _impurities(module: Module) -> Iterator[tuple[int, str]]:
    allowed = STANDARD | PARSERS[module.layer] | {"farebox"}
    for line, target in imports(module):
        if target.split(".")[0] not in allowed:
            yield line, f"imports {target}"
    for call, called in calls(module.tree):
        if called in FORBIDDEN_CALLS or ("." in called and called.rpartition(".")[2] in FORBIDDEN_METHODS):
            yield call.lineno, f"calls {called}"
    for node in nodes(module.tree):
        if isinstance(node, ast.Global):
            yield node.lineno, "changes a global"


def floats(found: Iterable[Module]) -> list[str]:
    """List every place in the domain that makes a float: a call, a literal, an annotation, a true division."""
    return [
        f"{module.name}:{line} {what}" for module in found if module.layer == "domain" for line, what in _floats(module)
    ]


def _floats(module: Module) -> Iterator[tuple[int, str]]:
    exact = any(target.split(".")[0] in {"decimal", "fractions"} for _, target in imports(module))
    for node in nodes(module.tree):
        match node:
            case ast.Call(func=ast.Name(id="float")):
                yield node.lineno, "calls float"
            case ast.Constant(value=float()):
                yield node.lineno, f"writes {node.value!r}"
            case ast.BinOp(op=ast.Div()) if not exact:
                yield node.lineno, f"divides to a float: {ast.unparse(node)}"
            case ast.arg(annotation=ast.Name(id="float")) | ast.AnnAssign(annotation=ast.Name(id="float")):
                yield node.lineno, "annotates a float"
            case ast.FunctionDef(returns=ast.Name(id="float")):
                yield node.lineno, "returns a float"


def test_the_rules_and_the_planner_are_pure() -> None:
    """Domain and query import only what computes; they read no clock, no file and no setting."""
    assert impurities(modules()) == []


def test_the_domain_makes_no_float() -> None:
    """Tokens are whole millionths from the first line to the last."""
    assert floats(modules()) == []


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import sqlite3",
        "import socket",
        "from pathlib import Path",
        "from time import time",
        "import random",
        "import logging",
        "import lark",
        "from django.conf import settings",
        "import datetime\nat = datetime.datetime.now(datetime.UTC)",
        "from datetime import date\nat = date.today()",
        "rates = open('rates')",
        "print('charged')",
        "def charge():\n    global total",
    ],
)
def test_an_impure_rule_is_caught(tmp_path: Path, line: str) -> None:
    """Each way to reach outside, planted in a rule, is reported."""
    plant(tmp_path, {"farebox/domain/rates.py": f"{line}\n"})

    assert len(impurities(modules(tmp_path))) == 1


def test_the_planner_may_use_the_parser(tmp_path: Path) -> None:
    """The where clause is read with a parser library, which does no I/O."""
    plant(tmp_path, {"farebox/query/where.py": "from lark import Lark\n"})

    assert impurities(modules(tmp_path)) == []


@pytest.mark.parametrize(
    "line", ["half = float('0.5')", "half = 0.5", "half = 7 / 2", "def charge(tokens: float): ...", "half: float"]
)
def test_a_float_in_a_rule_is_caught(tmp_path: Path, line: str) -> None:
    """Each way to make a float, planted in a rule, is reported."""
    plant(tmp_path, {"farebox/domain/rates.py": f"{line}\n"})

    assert len(floats(modules(tmp_path))) == 1
