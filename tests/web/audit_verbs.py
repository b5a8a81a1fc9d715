"""The verbs of the audit log as the program writes them, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import SRC

ELSEWHERE = {
    "farebox/services/seats.py": {"seat given", "seat end set", "trial given", "trial end set"},
    "farebox/services/move/moving.py": {"move", "merge"},
    "farebox/services/defaults.py": {"default added", "default removed"},
    "farebox/services/refusals.py": {"refused", "sign_in.failed", "second_factor.failed"},
    "farebox/records/audit.py": {
        "refused.more",
        "sign_in.failed.more",
        "second_factor.failed.more",
        "password.reset_asked.more",
        "sso.refused.more",
    },
}
"""Files whose verbs are made of other words, and what they make."""


class Module:
    """One file of the program, with what is called and defined in it."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(SRC).as_posix()
        self.dotted = self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        self.functions = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]
        self.imported = {
            (node.module, alias.name): alias.asname or alias.name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def calls_of(self, module: Module, function: str) -> Iterator[ast.Call]:
        """Yield the calls here of a function of a module."""
        stem = module.dotted.rpartition(".")[2]
        own = function if module is self else self.imported.get((module.dotted, function), "")
        for call in self.calls:
            match call.func:
                case ast.Name(id=name) if name == own:
                    yield call
                case ast.Attribute(value=ast.Name(id=holder), attr=name) if name == function:
                    if (holder in ("self", "cls") and module is self) or holder == stem:
                        yield call

    def constants(self) -> Iterator[tuple[str, str]]:
        """Yield the words that it names, such as `HIDE, SHOW = "names.hide", "names.show"`."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                names = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(names, values, strict=False):
                    if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield name.id, value.value


class Source:
    """All files of the program."""

    def __init__(self) -> None:
        self.modules = [Module(path) for path in sorted((SRC / "farebox").rglob("*.py"))]
        self.words = dict(pair for module in self.modules for pair in module.constants())
        self.audit = next(module for module in self.modules if module.dotted == "farebox.records.audit")

    def written(self) -> dict[str, set[str]]:
        """Return the verbs that each file writes; a verb that cannot be read is told as `?` with its line."""
        found: dict[str, set[str]] = {}
        for module in self.modules:
            verbs = {
                verb
                for call in module.calls_of(self.audit, "Change")
                if len(call.args) > 1
                for verb in self._read(call.args[1], module)
            }
            verbs |= set(_listened(module.tree))
            if module.name in ELSEWHERE:
                verbs = {verb for verb in verbs if not verb.startswith("?")} | ELSEWHERE[module.name]
            if verbs:
                found[module.name] = verbs
        return found

    def _read(self, node: ast.expr, module: Module) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(word)):
                yield word
            case ast.IfExp(body=one, orelse=other):
                yield from self._read(one, module)
                yield from self._read(other, module)
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in self.words:
                yield self.words[name]
            case ast.Name(id=name):
                given = list(self._given(name, node, module))
                for one, where in given:
                    yield from self._read(one, where)
                if not given:
                    yield f"? {name} in line {node.lineno}"
            case _:
                yield f"? {ast.unparse(node)} in line {node.lineno}"

    def _given(self, name: str, node: ast.expr, module: Module) -> Iterator[tuple[ast.expr, Module]]:
        """Yield what the function around a name is called with, anywhere, or what it names itself."""
        around = [one for one in module.functions if one.lineno <= node.lineno <= (one.end_lineno or 0)]
        if not around:
            return
        within = max(around, key=lambda one: one.lineno)
        names = [argument.arg for argument in (*within.args.posonlyargs, *within.args.args)]
        if name in names:
            place = names.index(name) - (names[0] in ("self", "cls"))
            for where in self.modules:
                for call in where.calls_of(module, within.name):
                    by_name = [one.value for one in call.keywords if one.arg == name]
                    yield from ((one, where) for one in by_name or call.args[place : place + 1])
        for one in ast.walk(within):
            if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in one.targets):
                yield one.value, module


def _listened(tree: ast.Module) -> Iterator[str]:
    """Yield the verbs of a table that is called `_VERBS`."""
    for node in tree.body:
        is_table = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "_VERBS"
        if isinstance(node, ast.AnnAssign) and is_table and isinstance(node.value, ast.Dict):
            yield from (str(value.value) for value in node.value.values if isinstance(value, ast.Constant))
