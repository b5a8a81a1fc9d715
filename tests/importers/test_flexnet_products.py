"""The product map: what it says, what it is silent about, and every problem in it at once."""

from __future__ import annotations

import pytest

from farebox.domain.errors import Rejected
from farebox.importers.flexnet import ProductMap, read_product_map
from farebox.importers.flexnet.products import Resolved, by_convention

GOOD = """
[[product]]
code = "ACD"
name = "AutoCAD"
packages = ["64300ACD_F"]
versions = { "85730ACD_2012_0F" = "2012", "plain" = "1.0" }

[[product]]
code = "MAP"
"""


def test_a_map_names_packages_and_versions() -> None:
    """A package stands for its product, a version for product and version."""
    products = read_product_map(GOOD)

    assert products.resolve("64300ACD_F") == Resolved(product="ACD", package_of=frozenset({"ACD"}))
    assert products.resolve("plain") == Resolved(product="ACD", version="1.0")
    assert [(product.code, product.name) for product in products.products] == [("ACD", "AutoCAD"), ("MAP", "MAP")]


def test_an_empty_map_leaves_all_to_the_convention() -> None:
    """A map may be empty; what is neither mapped nor conventional is a product of its own name, marked unknown."""
    products = read_product_map("")

    assert products.products == ()
    assert products.resolve("85730ACD_2012_0F") == Resolved(product="ACD", version="2012")
    assert products.resolve("MATLAB") == Resolved(product="MATLAB", known=False)


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("64300ACD_F", Resolved(product="ACD", package_of=frozenset({"ACD"}))),
        ("86295ACD_2015_0F", Resolved(product="ACD", version="2015")),
        ("85850MAP3DE_2012_0F", Resolved(product="MAP3DE", version="2012")),
        ("6430ACD_F", None),
        ("64300_F", None),
        ("643001_F", None),
        ("64300ACD", None),
        ("64300ACD_12_0F", None),
        ("64300ACD_2012_1F", None),
        ("64300ACD_2012_0F_X", None),
        ("64300ÀCD_F", None),
        ("٦٤٣٠٠ACD_F", None),
        ("", None),
    ],
)
def test_the_convention_reads_its_own_names_only(feature: str, expected: Resolved | None) -> None:
    """Five digits and a product line code, with a year or without; anything near it is left alone."""
    assert by_convention(feature) == expected


def test_a_text_that_is_no_toml_is_refused() -> None:
    """The problem says where."""
    with pytest.raises(Rejected) as refused:
        read_product_map("[[product]\ncode =")

    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [("", "invalid_toml")]


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ("product = 3", "/product", "invalid_type"),
        ("product = [3]", "/product/0", "invalid_type"),
        ("[[product]]", "/product/0/code", "required"),
        ("[[product]]\ncode = 3", "/product/0/code", "invalid_text"),
        ('[[product]]\ncode = " "', "/product/0/code", "invalid_text"),
        ('[[product]]\ncode = "A "', "/product/0/code", "invalid_text"),
        ('[[product]]\ncode = "A"\nname = ""', "/product/0/name", "invalid_text"),
        ('[[product]]\ncode = "A"\npackages = "f"', "/product/0/packages", "invalid_type"),
        ('[[product]]\ncode = "A"\npackages = ["f", 2]', "/product/0/packages/1", "invalid_text"),
        ('[[product]]\ncode = "A"\npackages = ["f", "f"]', "/product/0/packages/1", "duplicate"),
        ('[[product]]\ncode = "A"\nversions = ["f"]', "/product/0/versions", "invalid_type"),
        ('[[product]]\ncode = "A"\nversions = { "a/b~c" = 2012 }', "/product/0/versions/a~1b~0c", "invalid_text"),
        ('[[product]]\ncode = "A"\nversions = { f = "1" }\npackages = ["f"]', "/product/0/versions/f", "duplicate"),
        ('[[product]]\ncode = "A"\ncolour = "red"', "/product/0/colour", "unknown_key"),
        ('[[product]]\ncode = "A"\n[[product]]\ncode = "A"', "/product/1/code", "duplicate"),
        ("[[products]]\n", "/products", "unknown_key"),
    ],
)
def test_each_mistake_has_its_pointer(text: str, pointer: str, code: str) -> None:
    """A mistake is named by a JSON pointer and a stable code."""
    with pytest.raises(Rejected) as refused:
        read_product_map(text)

    assert [(problem.pointer, problem.code) for problem in refused.value.problems][:1] == [(pointer, code)]


def test_every_problem_is_listed_at_once() -> None:
    """Nobody mends a map one error at a time."""
    text = """
x = 1
[[product]]
code = ""
packages = [1]
[[product]]
versions = { f = "1" }
[[product]]
code = "B"
versions = { f = "2" }
"""

    with pytest.raises(Rejected) as refused:
        read_product_map(text)

    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == [
        ("/x", "unknown_key"),
        ("/product/0/code", "invalid_text"),
        ("/product/0/packages/0", "invalid_text"),
        ("/product/1/code", "required"),
        ("/product/2/versions/f", "duplicate"),
    ]


def test_a_package_of_several_products_is_alone_none_of_them() -> None:
    """What it is alone is left to its name; which product it was is told by the version in it."""
    products = read_product_map(
        '[[product]]\ncode = "A"\npackages = ["suite"]\n[[product]]\ncode = "B"\npackages = ["suite"]'
    )

    assert products.resolve("suite") == Resolved(product="suite", package_of=frozenset({"A", "B"}))


def test_resolving_twice_gives_the_same() -> None:
    """A map is a value."""
    products = ProductMap()

    assert products.resolve("64300ACD_F") is products.resolve("64300ACD_F")
