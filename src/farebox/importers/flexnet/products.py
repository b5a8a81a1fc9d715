"""
Which product, and which version of it, a licence feature stands for.

A map in TOML names features outright; where it is silent, two published conventions apply: `NNNNNPLC_YYYY_0F` is
version YYYY of product line PLC, `NNNNNPLC_F` is its package. A feature that neither names is passed on as a
product of its own name, for the receiver to quarantine (domain M2); it is never dropped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from farebox.domain.errors import Problem, Rejected

_KEYS: Final = ("code", "name", "packages", "versions")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedProduct:
    """A product of the map, with the features that stand for it."""

    code: str
    name: str
    packages: tuple[str, ...]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a feature stands for."""

    product: str
    version: str = ""
    package_of: frozenset[str] = frozenset()
    """The products whose versions this package holds; empty when the feature is no package."""
    known: bool = True
    """Whether the map or the convention names the feature."""


class ProductMap:
    """Features to products and versions."""

    def __init__(self, products: tuple[MappedProduct, ...] = ()) -> None:
        self.products = products
        self._packages: dict[str, list[str]] = {}
        self._versions: dict[str, tuple[str, str]] = {}
        for product in products:
            for package in product.packages:
                self._packages.setdefault(package, []).append(product.code)
            self._versions.update((feature, (product.code, version)) for feature, version in product.versions.items())
        self._resolved: dict[str, Resolved] = {}

    def resolve(self, feature: str) -> Resolved:
        """Return what `feature` stands for: by the map, else by convention, else itself."""
        if feature not in self._resolved:
            self._resolved[feature] = (
                self._mapped(feature) or by_convention(feature) or Resolved(product=feature, known=False)
            )
        return self._resolved[feature]

    def _mapped(self, feature: str) -> Resolved | None:
        if feature in self._versions:
            product, version = self._versions[feature]
            return Resolved(product=product, version=version)
        codes = self._packages.get(feature, [])
        if not codes:
            return None
        derived = by_convention(feature)
        # A package of several products is, alone, none of them.
        alone = codes[0] if len(codes) == 1 else derived.product if derived else feature
        return Resolved(product=alone, package_of=frozenset(codes))


def by_convention(feature: str) -> Resolved | None:
    """Read `85730ACD_2012_0F` as version 2012 of ACD, and `64300ACD_F` as its package."""
    match feature.split("_"):
        case [head, year, "0F"] if (code := _line_code(head)) and len(year) == 4 and _digits(year):
            return Resolved(product=code, version=year)
        case [head, "F"] if code := _line_code(head):
            return Resolved(product=code, package_of=frozenset((code,)))
        case _:
            return None


def _line_code(head: str) -> str:
    """Return the product line code behind five digits, or nothing."""
    code = head[5:]
    return (
        code if _digits(head[:5]) and len(head) > 5 and code.isascii() and code.isalnum() and code[0].isalpha() else ""
    )


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def read_product_map(text: str) -> ProductMap:
    """Read a product map. Raises `Rejected` with every problem in it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Rejected([Problem("", "invalid_toml", f"this is not TOML: {error}")]) from error
    problems: list[Problem] = [_unknown(f"/{_escape(key)}", key) for key in document if key != "product"]
    entries = document.get("product", [])
    if not isinstance(entries, list):
        problems.append(Problem("/product", "invalid_type", "products are written as [[product]] tables"))
        entries = []
    products: list[MappedProduct] = []
    for index, entry in enumerate(entries):
        reader = _EntryReader(f"/product/{index}", problems)
        products.append(reader.read(entry))
    problems.extend(_clashes(products))
    if problems:
        raise Rejected(problems)
    return ProductMap(tuple(products))


class _EntryReader:
    """Reads one `[[product]]` and collects what is wrong with it."""

    def __init__(self, pointer: str, problems: list[Problem]) -> None:
        self._pointer = pointer
        self._problems = problems

    def read(self, entry: object) -> MappedProduct:
        table = self._table("", entry)
        self._problems.extend(_unknown(f"{self._pointer}/{_escape(key)}", key) for key in table if key not in _KEYS)
        if "code" not in table:
            self._add("/code", "required", "a product needs a code")
        code = self._text("/code", table["code"]) if "code" in table else ""
        packages = self._list("/packages", table.get("packages", []))
        versions = self._table("/versions", table.get("versions", {}))
        return MappedProduct(
            code=code,
            name=self._text("/name", table["name"]) if "name" in table else code,
            packages=tuple(self._text(f"/packages/{place}", name) for place, name in enumerate(packages)),
            versions={
                self._text(f"/versions/{_escape(feature)}", feature): self._text(
                    f"/versions/{_escape(feature)}", version
                )
                for feature, version in versions.items()
            },
        )

    def _add(self, pointer: str, code: str, message: str) -> None:
        self._problems.append(Problem(self._pointer + pointer, code, message))

    def _text(self, pointer: str, value: object) -> str:
        if isinstance(value, str) and value.strip() and value == value.strip():
            return value
        self._add(pointer, "invalid_text", "this must be a text that is not empty and has no blanks around it")
        return ""

    def _list(self, pointer: str, value: object) -> list[object]:
        if isinstance(value, list):
            return value
        self._add(pointer, "invalid_type", "this must be a list of feature names")
        return []

    def _table(self, pointer: str, value: object) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        self._add(pointer, "invalid_type", "this must be a table")
        return {}


def _clashes(products: list[MappedProduct]) -> Iterator[Problem]:
    """Find codes, and features, that are named where they cannot be named again."""
    codes: set[str] = set()
    versions: set[str] = set()
    packages = {package for product in products for package in product.packages}
    for index, product in enumerate(products):
        if product.code and product.code in codes:
            yield Problem(f"/product/{index}/code", "duplicate", f"the product {product.code} is named before")
        codes.add(product.code)
        for place, package in enumerate(product.packages):
            if package and package in product.packages[:place]:
                yield Problem(f"/product/{index}/packages/{place}", "duplicate", f"{package} is named before")
        for feature in product.versions:
            pointer = f"/product/{index}/versions/{_escape(feature)}"
            if feature and feature in versions:
                yield Problem(pointer, "duplicate", f"{feature} is already a version of another product")
            if feature and feature in packages:
                yield Problem(pointer, "duplicate", f"{feature} cannot be a package and a version")
        versions.update(product.versions)


def _unknown(pointer: str, key: str) -> Problem:
    return Problem(pointer, "unknown_key", f"{key!r} means nothing in a product map")


def _escape(key: str) -> str:
    """Write a key as one step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
