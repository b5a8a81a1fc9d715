"""
The table of who may import whom, proven over every module (architecture, "The house").

An arrow that the table does not draw fails here, with the line that draws it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.house.source import Module, imports, modules, plant

EDGES = ("api", "web", "cli", "demo")
"""The layers that meet the outside."""

MAY_IMPORT: dict[str, frozenset[str]] = {
    "domain": frozenset({"domain"}),
    "query": frozenset({"domain", "query"}),
    "records": frozenset({"domain", "query", "records"}),
    "warehouse": frozenset({"domain", "query", "warehouse"}),
    "services": frozenset({"domain", "query", "records", "warehouse", "services"}),
    "importers": frozenset({"domain", "services", "importers"}),
    "client": frozenset({"client"}),
    "desk": frozenset({"domain", "services", "desk"}),
    **{edge: frozenset({"domain", "query", "services", "importers", "desk", edge}) for edge in EDGES},
}
"""The layers that each layer may import; for services the second rule below narrows it to their own."""

CLOCK = "farebox.wallclock"
"""The wall clock: the edges read it and tell everything below what time it is."""

COMMANDS_MAY_ALSO = frozenset({"demo", ""})
"""Commands start what lies beside the layers (settings, server), and build the demo."""


def broken_arrows(found: Iterable[Module]) -> list[str]:
    """List every import between layers that the table does not allow."""
    known = list(found)
    names = {module.name: module for module in known}
    return [
        f"{module.name}:{line} imports {target}"
        for module in known
        for line, target in imports(module)
        if target.startswith("farebox.") and not _allowed(module, _home(target, names), target)
    ]


def _home(target: str, names: dict[str, Module]) -> Module | None:
    """Return the module that holds `target`, which may be a name inside it."""
    return names.get(target) or names.get(target.rpartition(".")[0])


def _allowed(module: Module, home: Module | None, target: str) -> bool:
    if not module.layer:
        return True
    layer = home.layer if home is not None else target.split(".")[1]
    if home is not None and home.name == "farebox":
        return True
    if module.layer in EDGES and home is not None and home.name == CLOCK:
        return True
    if module.layer == "cli" and layer in COMMANDS_MAY_ALSO:
        return True
    return layer in MAY_IMPORT[module.layer] and _same_service(module, target)


def _same_service(module: Module, target: str) -> bool:
    parts = target.split(".")
    if module.layer != "services" or parts[1] != "services" or len(parts) < 3:
        return True
    return module.name.split(".")[2:3] in (parts[2:3], [])


def test_every_layer_is_in_the_table() -> None:
    """A new folder under `farebox` is given a place in the table before it is used."""
    layers = {module.layer for module in modules()} - {""}
    assert layers <= MAY_IMPORT.keys()


def test_no_import_crosses_the_layers_against_the_table() -> None:
    """Domain knows nobody, services know records and not each other, edges know services and not records."""
    assert broken_arrows(modules()) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("domain/rates.py", "from farebox.records import rates"),
        ("query/plan.py", "import farebox.warehouse.runner"),
        ("records/packs.py", "from farebox.warehouse import runner"),
        ("warehouse/runner.py", "from ..records import packs"),
        ("services/ingest.py", "from farebox.services.expire import expire"),
        ("services/ingest.py", "from .expire import expire"),
        ("importers/flexnet.py", "from farebox.records import packs"),
        ("api/events.py", "from farebox.records.packs import Pack"),
        ("web/views.py", "from farebox.warehouse import runner"),
        ("client/plain.py", "from farebox.domain.amounts import Tokens"),
        ("cli/send.py", "from farebox.client import Farebox"),
        ("web/views.py", "from importlib import import_module\nimport_module('farebox.records.packs')"),
        ("cli/serve.py", "from farebox.web import views"),
        ("services/ingest.py", "from farebox.wallclock import now"),
        ("api/events.py", "from farebox.settings import DATA"),
    ],
)
def test_a_forbidden_import_is_caught(tmp_path: Path, file: str, line: str) -> None:
    """Each kind of forbidden arrow, drawn in a small tree, is reported."""
    beside = ("__init__.py", "wallclock.py", "settings.py")
    layers = ("records/packs.py", "warehouse/runner.py", "services/expire.py", "web/views.py")
    house = {f"farebox/{path}": '"""A module."""\n' for path in (*beside, *layers)}
    plant(tmp_path, house | {f"farebox/{file}": f"{line}\n"})

    assert len(broken_arrows(modules(tmp_path))) == 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("services/ingest/claim.py", "from farebox.services.ingest.codes import rank"),
        ("api/events.py", "from farebox.wallclock import now"),
        ("cli/demo.py", "from farebox.demo.build import prepare"),
        ("domain/rates.py", "from farebox import __version__"),
    ],
)
def test_an_allowed_import_is_let_through(tmp_path: Path, file: str, line: str) -> None:
    """A service's own parts, the clock at the edges and the demo in its command are no breach."""
    house = {
        f"farebox/{path}": "" for path in ("__init__.py", "wallclock.py", "demo/build.py", "services/ingest/codes.py")
    }
    plant(tmp_path, house | {f"farebox/{file}": f"{line}\n"})

    assert broken_arrows(modules(tmp_path)) == []
