"""
What the warehouse is given: facts, dimension rows, and batches of them, as plain tuples.

A fact holds ids and codes, never names (architecture: integer-coded dimensions), so a person can be hidden or
erased without touching a total. Id and code 0 mean "none".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant
from farebox.query.codes import NONE


class Fact(NamedTuple):
    """One row that reports count, in the order of the columns of `fact`."""

    charge_id: int
    contract_id: int
    usage_date: Day
    contract_year: int
    usage_category: int
    """A code of `query.codes.USAGE_CATEGORIES`."""
    funding: int
    """A code of `query.codes.FUNDINGS`; only TOKENS counts in the usage API (domain R9)."""
    charged: int = 0
    """What the row adds to useCount (domain R9): 0 or 1, or the whole units of a charge for units."""
    duration_us: int = 0
    tokens_micro: Tokens = ZERO
    person_id: int = NONE
    product_id: int = NONE
    charge_category: int = NONE
    """A code of `query.codes.CHARGE_CATEGORIES`."""
    usage_type: int = NONE
    """A code of `query.codes.USAGE_TYPES`."""
    pool: int = NONE
    """A code of `query.codes.POOLS`."""
    since_us: Instant | None = None
    until_us: Instant | None = None
    offset_seconds: int | None = None
    transaction_date: Day | None = None
    version_id: int = NONE
    feature_id: int = NONE
    machine_id: int = NONE
    server_id: int = NONE
    hub_id: int = NONE
    hub_name_id: int = NONE
    project_id: int = NONE
    project_name_id: int = NONE
    job_status_id: int = NONE
    reason_type_id: int = NONE
    reason_comment_id: int = NONE
    custom_1: int = NONE
    custom_2: int = NONE
    custom_3: int = NONE
    custom_4: int = NONE
    custom_5: int = NONE
    custom_6: int = NONE
    custom_7: int = NONE
    custom_8: int = NONE
    custom_9: int = NONE
    custom_10: int = NONE
    told: int = 0
    """Bit k-1 says that custom_k came with the use; what is told of the person does not change it."""


class PersonRow(NamedTuple):
    """The name of a person and the pseudonym shown instead; both are unique within the contract (quality P2)."""

    person_id: int
    name: str
    pseudonym: str


class ProductRow(NamedTuple):
    """The code of a product, which is unique, and its name, which need not be."""

    product_id: int
    code: str
    name: str


class LabelRow(NamedTuple):
    """
    A text that facts refer to; the same text has the same id within a contract.

    Labels of machines belong to one contract and carry the pseudonym shown where names are hidden.
    """

    label_id: int
    text: str
    pseudonym: str = ""


class ValueRow(NamedTuple):
    """A charge-back value that holds for a person on `since` ≤ usage date < `until`."""

    person_id: int
    since: Day
    until: Day
    label_id: int


class Enriched(NamedTuple):
    """All that is told of people under one charge-back field, 1 to 10, of a contract; who is not named has no value."""

    contract_id: int
    position: int
    values: Sequence[ValueRow]


class Batch(NamedTuple):
    """
    Everything that changed up to a ledger position.

    A fact replaces an earlier one with the same charge id; the last of several in a batch counts. `removed` are
    charge ids that no longer count. A dimension row replaces an earlier one with the same id. What is `enriched`
    replaces the field in every fact of the contract whose use did not bring a value itself, those of earlier batches
    included; its stretches of one person do not overlap.
    """

    position: int
    as_of_us: Instant
    facts: Sequence[Fact] = ()
    removed: Sequence[int] = ()
    people: Sequence[PersonRow] = ()
    products: Sequence[ProductRow] = ()
    labels: Sequence[LabelRow] = ()
    enriched: Sequence[Enriched] = ()
