"""
What the operator sets up: products and their codes, rate cards, offers, teams, contracts, people and accounts.

    products    products, their versions and further codes
    offers      which products a contract opens, and since when
    rates       what a use costs, from which instant on
    teams       teams, and what they are called
    contracts   what teams bought under, with the names of charge-back fields
    people      people whose use is metered, their seats, accounts that sign in

Whoever changes something says by whose `Hand`: the change has its one row of the audit then (quality T5).
"""

from farebox.domain.rights import Role
from farebox.records.models.contracts import Scheme
from farebox.records.roles import team_named
from farebox.services.catalogue.contracts import (
    add_contract,
    contract_numbers,
    contracts,
    name_fields,
    set_policy,
)
from farebox.services.catalogue.hand import Hand
from farebox.services.catalogue.offers import add_offer, open_offer
from farebox.services.catalogue.people import add_account, add_person, entitle
from farebox.services.catalogue.products import Edit, NewProduct, add_product, edit_product, product_named
from farebox.services.catalogue.rates import RATE_MAX, add_card, check_rate, set_rate
from farebox.services.catalogue.teams import add_team, check_team, rename_team, team_of, team_slugs

__all__ = [
    "RATE_MAX",
    "Edit",
    "Hand",
    "NewProduct",
    "Role",
    "Scheme",
    "add_account",
    "add_card",
    "add_contract",
    "add_offer",
    "add_person",
    "add_product",
    "add_team",
    "check_rate",
    "check_team",
    "contract_numbers",
    "contracts",
    "edit_product",
    "entitle",
    "name_fields",
    "open_offer",
    "product_named",
    "rename_team",
    "set_policy",
    "set_rate",
    "team_named",
    "team_of",
    "team_slugs",
]
