"""
What the operators of the installation see of it: teams, contracts, products, offers and rate cards, and what is amiss.

    overview    the teams with what each has left, what wants looking after, and the first steps
    teams       one team, and one contract
    products    the catalogue
    offers      offers and rate cards, with what each had, has and will have

Only read here; what operators change, they change through `services/catalogue`, `services/policies` and `desk`.
"""

from farebox.services.operating.offers import CardPage, Line, OfferPage, card_page, cards, offer_page, offers
from farebox.services.operating.overview import Overview, TeamLine, overview
from farebox.services.operating.products import ProductPage, product_choices, product_page, products
from farebox.services.operating.teams import ContractPage, TeamPage, contract_page, team_choices, team_page

__all__ = [
    "CardPage",
    "ContractPage",
    "Line",
    "OfferPage",
    "Overview",
    "ProductPage",
    "TeamLine",
    "TeamPage",
    "card_page",
    "cards",
    "contract_page",
    "offer_page",
    "offers",
    "overview",
    "product_choices",
    "product_page",
    "products",
    "team_choices",
    "team_page",
]
