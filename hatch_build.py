"""Compile the message catalogues while the package is built, without GNU gettext."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """Write a `.mo` beside every `.po`; editable installs run this hook as well."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Compile each catalogue under `src/farebox`."""
        for source in Path(self.root, "src", "farebox").rglob("*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as out:
                write_mo(out, read_po(text, locale=source.parent.parent.name))
