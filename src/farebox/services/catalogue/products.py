"""Products, their versions, and the codes that events know them by (product A1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from farebox.domain.errors import NotFound, Problem, Rejected, Taken
from farebox.domain.usage import UsageCategory
from farebox.records import db, outbox
from farebox.records.catalogue import announce_change
from farebox.records.models import Family, Product, ProductCode, ProductVersion
from farebox.services.catalogue.hand import Hand, note

_FOLDED = frozenset(("", ".", ".."))
"""Parts of an address that browsers and servers fold away."""

CATEGORIES = (UsageCategory.DESKTOP_PRODUCT, UsageCategory.CLOUD_PRODUCT, UsageCategory.CLOUD_SERVICE)
"""What a product may be; the other categories are of entries by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product for the catalogue; `codes` maps further codes to the version that each tells, or to nothing."""

    code: str
    name: str
    family: str = ""
    category: UsageCategory = UsageCategory.DESKTOP_PRODUCT
    versions: Sequence[str] = ()
    codes: Mapping[str, str] | None = None
    idle_aware: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    What of a product may be told anew: all but its code, which uses are known by.

    The family is where it is dearest of a day; what is booked keeps the family that it had.
    """

    name: str
    family: str
    versions: Sequence[str]
    codes: Mapping[str, str]
    idle_aware: bool


def product_named(code: str) -> Product:
    """Return a product by its code. Raises `NotFound`."""
    product = Product.objects.filter(code=code).first()
    if product is None:
        raise NotFound(f"no product {code!r}")
    return product


def add_product(new: NewProduct, *, by: Hand | None = None) -> Product:
    """
    Add a product. Raises `Taken` for a code that the catalogue has already, `Rejected` for what can be no code.

    A product has a page whose address ends in its code, so that a code is none that browsers fold.
    """
    problems = [*_code_problems("/code", new.code, 60)]
    if not problems and not _FOLDED.isdisjoint(new.code.split("/")):
        message = f"no address can end in {new.code!r}: no part between slashes is empty, '.' or '..'"
        problems.append(Problem("/code", "invalid_value", message))
    problems += _problems(new.name, new.family, new.versions, new.codes or {})
    if problems:
        raise Rejected(problems)
    with db.atomic():
        taken = {new.code, *(new.codes or {})} & set(_codes())
        if taken:
            raise _taken(sorted(taken), "/code" if new.code in taken else "/codes")
        family, _ = Family.objects.get_or_create(code=new.family or new.code)
        product = Product.objects.create(
            code=new.code,
            name=new.name,
            family=family,
            category=new.category,
            idle_aware=new.idle_aware,
            demo=new.demo,
        )
        _tell(product, new.versions, new.codes or {})
        note(by, "product.add", f"product {product.pk}", {"code": new.code})
        announce_change()
        outbox.announce_names()
    return product


def edit_product(code: str, edit: Edit, *, by: Hand) -> Product:
    """
    Tell anew what a product is called, its family, its versions and further codes.

    What is booked stays as it is. Raises `NotFound`, `Rejected` with every problem, `Taken` for a code that stands
    for another product.
    """
    problems = [*_problems(edit.name, edit.family, edit.versions, edit.codes)]
    if problems:
        raise Rejected(problems)
    with db.atomic():
        product = product_named(code)
        others = {*_codes()} - {code, *product.codes.values_list("code", flat=True)}
        taken = sorted({*edit.codes} & others | ({code} & {*edit.codes}))
        if taken:
            raise _taken(taken, "/codes")
        family, _ = Family.objects.get_or_create(code=edit.family or code)
        facts = _differences(product, edit, family)
        if not facts:
            return product
        product.name, product.family, product.idle_aware = edit.name, family, edit.idle_aware
        product.save(update_fields=["name", "family", "idle_aware"])
        product.versions.all().delete()
        product.codes.all().delete()
        _tell(product, edit.versions, edit.codes)
        note(by, "product.change", f"product {product.pk}", {"code": code, **facts})
        announce_change()
        outbox.announce_names()
    return product


def _taken(codes: Sequence[str], pointer: str) -> Taken:
    listed = ", ".join(codes)
    return Taken(f"the catalogue has {listed} already", pointer=pointer, taken=listed)


def _differences(product: Product, edit: Edit, family: Family) -> dict[str, str | int]:
    """Return what an edit changes, as the audit tells it; nothing where it changes nothing."""
    versions = set(product.versions.values_list("code", flat=True))
    codes = dict(product.codes.values_list("code", "version"))
    facts: dict[str, str | int] = {}
    if product.name != edit.name:
        facts["name"] = edit.name
    if product.family_id != family.pk:
        facts["family"] = family.code
    if product.idle_aware != edit.idle_aware:
        facts["idle_aware"] = int(edit.idle_aware)
    if versions != set(edit.versions):
        facts["versions"] = len(set(edit.versions))
    if codes != dict(edit.codes):
        facts["codes"] = len(edit.codes)
    return facts


def _tell(product: Product, versions: Iterable[str], codes: Mapping[str, str]) -> None:
    known = dict.fromkeys(versions)
    ProductVersion.objects.bulk_create(ProductVersion(product=product, code=code) for code in known)
    ProductCode.objects.bulk_create(
        ProductCode(code=code, product=product, version=version) for code, version in codes.items()
    )


def _problems(name: str, family: str, versions: Iterable[str], codes: Mapping[str, str]) -> Iterable[Problem]:
    if not 1 <= len(name.strip()) <= 200 or not name.isprintable():
        yield Problem("/name", "invalid_value", "a name has 1 to 200 printable characters")
    if family:
        yield from _code_problems("/family", family, 60)
    for version in versions:
        yield from _code_problems("/versions", version, 60)
    for code, version in codes.items():
        yield from _code_problems("/codes", code, 120)
        if version:
            yield from _code_problems("/codes", version, 60)


def _code_problems(pointer: str, code: str, length_max: int) -> Iterable[Problem]:
    """Yield what is wrong with a code, with which those of events are compared."""
    if not 1 <= len(code) <= length_max or not code.isprintable() or code != code.strip():
        message = f"a code has 1 to {length_max} printable characters, and no blanks around them"
        yield Problem(pointer, "invalid_value", message)


def _codes() -> Iterable[str]:
    yield from Product.objects.values_list("code", flat=True)
    yield from ProductCode.objects.values_list("code", flat=True)
