"""
Who may open what: products are assigned to people, and taken back when somebody leaves (product B2, B3, [S 003]).

What takes a `user` is for administrators, and looks itself whether that is one of the team's (Action.PEOPLE).
"""

from farebox.records.chosen import Command, Saved, Thing, Ticked
from farebox.services.assign.listing import PAGE_ROWS, Someone, everyone, named, people, suggest
from farebox.services.assign.shown import holders, offer, person, products
from farebox.services.assign.single import assign, leave, person_named, unassign
from farebox.services.assign.taking import Outcome, TakenBack, administrators, pseudonym, remove, unassign_people
from farebox.services.assign.ticking import Given, assign_people, set_products
from farebox.services.assign.told import (
    ByProduct,
    Entitled,
    GroupOf,
    Hold,
    Holder,
    Page,
    Paid,
    PersonAccess,
    PersonRow,
    ProductAccess,
    ProductRow,
    State,
    Through,
)

__all__ = [
    "PAGE_ROWS",
    "ByProduct",
    "Command",
    "Entitled",
    "Given",
    "GroupOf",
    "Hold",
    "Holder",
    "Outcome",
    "Page",
    "Paid",
    "PersonAccess",
    "PersonRow",
    "ProductAccess",
    "ProductRow",
    "Saved",
    "Someone",
    "State",
    "TakenBack",
    "Thing",
    "Through",
    "Ticked",
    "administrators",
    "assign",
    "assign_people",
    "everyone",
    "holders",
    "leave",
    "named",
    "offer",
    "people",
    "person",
    "person_named",
    "products",
    "pseudonym",
    "remove",
    "set_products",
    "suggest",
    "unassign",
    "unassign_people",
]
