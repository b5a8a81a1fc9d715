"""Who and what plays in the demonstration; nobody here exists, and rates are nobody's price list."""

from __future__ import annotations

from typing import NamedTuple

DOMAIN = "demo.example"
ADMIN = f"admin@{DOMAIN}"
OPERATOR = f"operator@{DOMAIN}"
ORDINARY = f"bo.demo-lind@{DOMAIN}"
"""One of the sixty, who signs in as people do who use products: to see their own use."""

FLEX_TEAM, ENTERPRISE_TEAM = "demo-studio", "demo-works"
FLEX_SOURCE, ENTERPRISE_SOURCE = "demo-studio-licences", "demo-works-licences"
FLEX_PEOPLE, PEOPLE = 35, 60

FIRST_NAMES = (
    "Alva", "Bo", "Cleo", "Dag", "Elin", "Fumi", "Gaël", "Hana", "Ines", "Jun",
    "Kaj", "Lou", "Maya", "Nils", "Ott", "Pia", "Quim", "Rui", "Siri", "Tove",
    "Ulla", "Vera", "Wim", "Xin", "Yuki", "Zoë", "Arvo", "Bea", "Cai", "Dina",
)  # fmt: skip
LAST_NAMES = ("Demo-Lind", "Demo-Mori", "Demo-Berg")
"""The third name is that of people besides the sixty: with seats, imported, invited."""


class Role(NamedTuple):
    """How much a person uses, and what."""

    name: str
    share: int
    """Chance in a hundred that a working day has any use."""
    sessions: int
    """Most launches in a day."""
    products: tuple[str, ...]


class Item(NamedTuple):
    """A product of the demonstration, its rates in tokens for Flex and enterprise, and its versions."""

    code: str
    name: str
    family: str
    flex: str
    enterprise: str
    versions: tuple[str, ...]


ITEMS = (
    Item("ACD", "AutoCAD", "DRAW", "7", "6", ("2024", "2025", "2026")),
    Item("RVT", "Revit", "BUILD", "10", "9", ("2024", "2025", "2026")),
    Item("DRF", "Demo Drafter", "DRAW", "3", "3", ("5", "6")),
    Item("DRP", "Demo Drafter Plus", "DRAW", "5", "4.5", ("5", "6")),
    Item("BLD", "Demo Builder", "BUILD", "8", "7", ("2025", "2026")),
    Item("STR", "Demo Structures", "BUILD", "6", "5", ("2025", "2026")),
    Item("PIP", "Demo Pipework", "PLANT", "9", "8", ("11", "12")),
    Item("PLT", "Demo Plant", "PLANT", "12", "11", ("11", "12")),
    Item("MSH", "Demo Mesh", "MODEL", "4", "4", ("3.1", "3.2")),
    Item("RND", "Demo Render", "MODEL", "6", "6", ("3.1", "3.2")),
    Item("SIM", "Demo Simulation", "MODEL", "21", "18", ("2026",)),
    Item("GIS", "Demo Terrain", "TERRAIN", "5", "5", ("8", "9")),
    Item("SRV", "Demo Survey", "TERRAIN", "2.5", "2", ("8", "9")),
    Item("NOT", "Demo Notes", "OFFICE", "0.1", "0.1", ("1",)),
    Item("VWR", "Demo Viewer", "OFFICE", "0", "0", ("1",)),
)

ROLES = (
    Role("designer", 85, 3, ("RVT", "BLD", "VWR", "RND")),
    Role("drafter", 80, 3, ("ACD", "DRF", "NOT")),
    Role("engineer", 60, 2, ("STR", "ACD", "SIM")),
    Role("plant engineer", 55, 2, ("PLT", "PIP", "NOT")),
    Role("surveyor", 35, 2, ("GIS", "SRV", "VWR")),
    Role("occasional", 8, 1, ("DRP", "MSH", "VWR", "NOT")),
)


class Seated(NamedTuple):
    """Somebody who holds a seat or a trial of the only product that they use: it takes no tokens."""

    number: int
    product: str
    days_ago: int
    """Since when it is held."""
    trial_days: int = 0
    """For how many days it is held; 0 is a seat, which has no end."""


SEATED = (Seated(60, "RVT", 369), Seated(61, "ACD", 369), Seated(62, "PLT", 100), Seated(63, "SIM", 26, 30))
ORDINARY_SEAT = "RND"

INVITED = "Ira Demo-Berg", "Oda Demo-Berg"
LAPSED = "Uwe Demo-Berg"
IMPORTED = ("Abe", "Eda", "Ivo", "Moa", "Tua")
LEADER, SECOND, SINGLE_SIGN_ON = 38, 2, 40
"""Of the sixty: who led the enterprise team first, who helps in the Flex team, and who looks after single sign-on."""

OPEN_BY = 5
"""Who of the sixty leaves a session open overnight."""

GROUPS = (
    ("Plant engineers", "plant engineer", ("PLT", "PIP", "NOT")),
    ("Surveyors", "surveyor", ("GIS", "SRV", "VWR")),
)
"""Groups of the Flex team: the name, the role of its people, and what they may open."""

TICKED = {"drafter": ("ACD", "DRF", "DRP", "NOT")}
"""Roles whose people in the Flex team were given some products one by one; others have all, or what a group has."""
NOT_BY_DEFAULT = "SIM"
"""The product that the defaults of the enterprise team leave out."""
