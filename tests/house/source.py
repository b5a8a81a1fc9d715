"""Reading of the source tree for the house tests: every module as text and syntax tree, and what it imports."""

from __future__ import annotations

import ast
import fnmatch
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The checkout."""

SRC = ROOT / "src"
"""Where the packages lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file: its dotted name, its text and its syntax tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether the file is the `__init__` of a package."""
        return self.path.name == "__init__.py"

    @property
    def layer(self) -> str:
        """The folder under `farebox` that the module lives in; empty for the modules beside the folders."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 2 or (len(parts) == 2 and self.is_package) else ""

    @property
    def is_written_by_a_tool(self) -> bool:
        """Whether the file is a migration, whose length and shape Django decides."""
        return ".migrations" in self.name


def modules(source: Path = SRC, package: str = "farebox") -> list[Module]:
    """Read every module of `package` under `source`, in the order of their names."""
    if source.is_relative_to(ROOT):
        return list(_checked_out(source, package))
    return list(_found(source, package))


@cache
def _checked_out(source: Path, package: str) -> tuple[Module, ...]:
    """Read the modules of the checkout, which stay as they are during a run."""
    return tuple(_found(source, package))


def _found(source: Path, package: str) -> Iterator[Module]:
    return (_read(path, source) for path in sorted((source / package).rglob("*.py")))


def _read(path: Path, source: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(source).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name=name, path=path, text=text, tree=ast.parse(text, filename=str(path)))


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """
    Yield the line and the full dotted name of everything that `module` imports.

    `from a import b` yields `a.b`, because `b` may be a module; relative names are resolved; an import by
    a literal name (`import_module("a.b")`) counts, and so does one that only type checkers follow.
    """
    for node in nodes(module.tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(names=names):
                base = _base(module, node)
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called), args=[ast.Constant(value=str(name)), *_]
            ):
                if called in {"import_module", "import_string", "__import__"}:
                    yield node.lineno, name


def _base(module: Module, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    parents = package[: len(package) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return `tree` and all that is below it; each tree is asked about many things."""
    return tuple(ast.walk(tree))


@cache
def calls(tree: ast.AST) -> tuple[tuple[ast.Call, str], ...]:
    """Return every call in `tree` with the text of what is called, such as `datetime.now`."""
    return tuple((node, ast.unparse(node.func)) for node in nodes(tree) if isinstance(node, ast.Call))


def tracked_files(root: Path = ROOT) -> Iterator[Path]:
    """Yield every file that may be committed: all but what `.gitignore` names, and git's own folder."""
    ignored = [*_ignored(root), ".git"]

    def is_ignored(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in ignored)

    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not is_ignored(name))
        yield from (Path(folder, name) for name in sorted(files) if not is_ignored(name))


def _ignored(root: Path) -> list[str]:
    listed = root / ".gitignore"
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    return [line.strip().strip("/") for line in lines if line.strip() and not line.startswith("#")]


def texts(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Yield every file that may be committed and is text, with its text."""
    for path in tracked_files(root):
        content = path.read_bytes()
        if b"\0" in content:
            continue
        yield path, content.decode("utf-8", errors="replace")


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write `files` (path to text) under `root`: the bad examples that each house test must catch."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
