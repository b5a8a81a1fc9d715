"""
What the program declares, read from its source: error classes, codes of problems, settings.

Reading the source needs no settings, no database and no import order; it finds what is written out, wherever it is.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import NamedTuple

from tests.house.source import Module, calls, nodes

CODE = re.compile(r"[a-z][a-z0-9_]*")
"""What a code looks like."""


GATEWAY = re.compile(r"AUTH-[0-9]{3}")
"""What a code of the usage data API's gateway looks like."""


class Code(NamedTuple):
    """A problem code that some module writes, with the sentences that go with it."""

    code: str
    says: tuple[str, ...]
    where: tuple[str, ...]


class ErrorClass(NamedTuple):
    """A class under `FareboxError`: its code, its first sentence, and the names of its ancestors, nearest first."""

    name: str
    code: str
    says: str
    ancestors: tuple[str, ...]
    brings_status: bool


def error_classes(found: Iterable[Module]) -> list[ErrorClass]:
    """List every error under `FareboxError`, parents first."""
    errors: dict[str, ErrorClass] = {}
    root_first = sorted(found, key=lambda module: (module.name != "farebox.domain.errors", module.name))
    for node in (node for module in root_first for node in module.tree.body if isinstance(node, ast.ClassDef)):
        parents = [errors[base] for base in map(_last_name, node.bases) if base in errors]
        if parents or node.name == "FareboxError":
            code = _own_code(node) or next((parent.code for parent in parents), "")
            says = (ast.get_docstring(node) or "").split("\n")[0]
            ancestors = tuple(name for parent in parents for name in (parent.name, *parent.ancestors))
            errors[node.name] = ErrorClass(node.name, code, says, ancestors, _brings_status(node))
    return list(errors.values())


def _brings_status(node: ast.ClassDef) -> bool:
    """Say whether each error of the class is made with a status of its own."""
    return any(isinstance(inner, ast.Attribute) and ast.unparse(inner) == "self.status" for inner in ast.walk(node))


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _own_code(node: ast.ClassDef) -> str:
    for item in node.body:
        match item:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
                return code
    return ""


def declared_codes(found: Iterable[Module]) -> dict[str, dict[str, str]]:
    """
    Return every table of codes that a module declares, by `module.NAME`, in its own order.

    A table is a constant `dict[str, str]` in a module called `codes`.
    """
    tables: dict[str, dict[str, str]] = {}
    for module in found:
        if module.name.rpartition(".")[2] == "codes":
            for node in module.tree.body:
                match node:
                    case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as table) if not name.startswith("_"):
                        tables[f"{module.name}.{name}"] = ast.literal_eval(table)
    return tables


def used_codes(found: Iterable[Module]) -> list[Code]:
    """
    List every code that a problem is made with, where the code is written out.

    It is followed through functions that pass their own argument on as the code of a problem.
    """
    says: dict[str, set[str]] = defaultdict(set)
    where: dict[str, set[str]] = defaultdict(set)
    for package, beside in _by_package(found).items():
        carriers = _carriers(beside)
        for module in beside:
            for code, message in _problems(module, carriers):
                says[code] |= {message} if " " in message else set()
                where[code].add(package)
    return [
        Code(code, tuple(sorted(text for text in says[code] if " " in text)), tuple(sorted(where[code])))
        for code in sorted(where)
    ]


def _by_package(found: Iterable[Module]) -> dict[str, list[Module]]:
    packages: dict[str, list[Module]] = defaultdict(list)
    for module in found:
        packages[module.layer or module.name].append(module)
    return packages


class Places(NamedTuple):
    """Where a function takes the code and the message of a problem: the position and the name of each argument."""

    code: tuple[int, str]
    message: tuple[int, str]


def _carriers(beside: Iterable[Module]) -> dict[str, set[Places]]:
    """
    Find `Problem` and every function that passes an argument of its own on as a problem's code.

    Functions are told apart by name only; two of one name are looked at in both their ways.
    """
    carriers = {"Problem": {Places((1, "code"), (2, "message"))}}
    functions = [node for module in beside for node in nodes(module.tree) if isinstance(node, ast.FunctionDef)]
    while True:
        known = sum(map(len, carriers.values()))
        for function in functions:
            for place in _passes_on(function, carriers):
                carriers.setdefault(function.name, set()).add(place)
        if sum(map(len, carriers.values())) == known:
            return carriers


def _passes_on(function: ast.FunctionDef, carriers: Mapping[str, set[Places]]) -> list[Places]:
    names = [each.arg for each in function.args.args if each.arg not in {"self", "cls"}]
    found = []
    for call, places in _carried(function, carriers):
        code, message = _passed(call, places.code), _passed(call, places.message)
        if isinstance(code, ast.Name) and code.id in names:
            # The sentence is the last argument that the message is made of; a position may stand before it.
            told = next((name for name in reversed(names) if message is not None and _mentions(message, name)), "")
            at = names.index(told) if told else len(names)
            found.append(Places((names.index(code.id), code.id), (at, told)))
    return found


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _carried(tree: ast.AST, carriers: Mapping[str, set[Places]]) -> Iterator[tuple[ast.Call, Places]]:
    for call, called in calls(tree):
        name = called.rpartition(".")[2]
        yield from ((call, places) for places in sorted(carriers.get(name, ())))


def _passed(call: ast.Call, place: tuple[int, str]) -> ast.expr | None:
    position, name = place
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    return call.args[position] if position < len(call.args) else named.get(name)


def _problems(module: Module, carriers: Mapping[str, set[Places]]) -> Iterator[tuple[str, str]]:
    """Yield (code, message) of each problem that `module` makes, or has made."""
    for call, places in _carried(module.tree, carriers):
        message = _sentence(_written(_passed(call, places.message), module, call.lineno))
        yield from ((code, message) for code in _literals(_passed(call, places.code)))


def answered_codes(found: Iterable[Module]) -> list[tuple[str, int, str]]:
    """List (code, status, sentence) of every answer to a whole request, as `api` writes it out."""
    answers: dict[tuple[str, int], set[str]] = defaultdict(set)
    api = [module for module in found if module.layer == "api"]
    for module in api:
        for call, _ in calls(module.tree):
            match call.args:
                case [
                    ast.Attribute(value=ast.Name(id="HTTPStatus"), attr=status),
                    ast.Constant(value=str(code)),
                    told,
                    *_,
                ]:
                    sentence = _sentence(_written(told, module, call.lineno)) or _told_by_callers(told, module, api)
                    answers[code, HTTPStatus[status].value].add(sentence)
    return sorted((code, status, "\n".join(sorted(filter(None, says)))) for (code, status), says in answers.items())


def _told_by_callers(told: ast.expr, module: Module, api: Iterable[Module]) -> str:
    """Return what is first handed to the function of which a message is an argument."""
    for function in (node for node in nodes(module.tree) if isinstance(node, ast.FunctionDef)):
        names = [each.arg for each in function.args.args]
        if not (isinstance(told, ast.Name) and told.id in names and any(told is node for node in ast.walk(function))):
            continue
        place = (names.index(told.id), told.id)
        for caller in api:
            for call, called in calls(caller.tree):
                says = called.rpartition(".")[2] == function.name and _passed(call, place)
                sentence = _sentence(_written(says or None, caller, call.lineno))
                if sentence:
                    return sentence
    return ""


def gateway_codes(found: Iterable[Module]) -> list[tuple[str, str]]:
    """List (code, sentence) of every refused sign-in on the usage data API, such as AUTH-006."""
    told: dict[str, set[str]] = defaultdict(set)
    for call, _ in (pair for module in found if module.layer == "api" for pair in calls(module.tree)):
        match call.args:
            case [ast.Constant(value=str(code)), ast.Constant() | ast.JoinedStr() as says, *_] if GATEWAY.fullmatch(
                code
            ):
                told[code].add(_sentence(says))
    return [(code, "\n".join(sorted(told[code]))) for code in sorted(told)]


def _written(message: ast.expr | None, module: Module, line: int) -> ast.expr | None:
    """Return what a variable was last set to above `line`; anything else as it is."""
    if not isinstance(message, ast.Name):
        return message
    above = [
        node
        for node in nodes(module.tree)
        if isinstance(node, ast.Assign) and node.lineno < line and message.id in {*map(ast.unparse, node.targets)}
    ]
    return max(above, key=lambda node: node.lineno).value if above else None


def _literals(node: ast.expr | None) -> list[str]:
    match node:
        case ast.Constant(value=str(text)) if CODE.fullmatch(text):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return _literals(body) + _literals(orelse)
        case _:
            return []


def _sentence(node: ast.expr | None) -> str:
    """Return the text of a message, with … for what is put in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            told = (_sentence(value) if isinstance(value, ast.Constant) else "…" for value in values)
            return re.sub("…+", "…", "".join(told))
        case ast.Call(func=ast.Name(id="_"), args=[text, *_]) | ast.BinOp(left=text, op=ast.Mod()):
            return re.sub(r"%\(?\w*\)?s|%d", "…", _sentence(text))
        case _:
            return ""


def settings_read(found: Iterable[Module]) -> dict[str, str | None]:
    """
    Return every setting `FAREBOX_…` that the program reads, with its default where that is written out.

    A default that is computed counts as none.
    """
    settings: dict[str, str | None] = {}
    for module in found:
        for node in nodes(module.tree):
            match node:
                case ast.Call(args=[ast.Constant(value=str(name)), *rest]) if name.startswith("FAREBOX_"):
                    default = rest[0] if rest else None
                    literal = isinstance(default, ast.Constant) and isinstance(default.value, str)
                    settings[name] = str(default.value) if isinstance(default, ast.Constant) and literal else None
                case ast.keyword(arg="envvar", value=ast.Constant(value=str(name))) if name.startswith("FAREBOX_"):
                    settings.setdefault(name, None)
                case ast.Subscript(slice=ast.Constant(value=str(name))) if name.startswith("FAREBOX_"):
                    settings.setdefault(name, None)
    return settings
