"""Every problem that an event can have, declared once; the order here is the order in which they are listed."""

from __future__ import annotations

PROBLEMS: dict[str, str] = {
    "invalid_json": "The text is not JSON (RFC 8259: UTF-8, no BOM, no NaN, whole characters), or nests too deep.",
    "duplicate_key": "An object names the same member twice.",
    "not_an_object": "An event is a JSON object.",
    "unknown_field": "A member that no event of this type has.",
    "missing_field": "A member that every event of this type needs.",
    "invalid_value": "A value of the wrong type, or outside what the member allows.",
    "unknown_type": "An event type that Farebox does not know.",
    "invalid_person": "A subject that is neither an e-mail address nor a login, or mixes look-alike scripts.",
    "naive_time": "A moment without a time zone.",
    "out_of_range": "A moment before 1990 or after 2100, or an offset beyond ±14 hours.",
    "end_before_start": "Something ends before it starts.",
    "too_long": "A session, or the work of a job, of more than 366 days.",
    "in_future": "A moment more than five minutes ahead of the server's clock, or a date that nobody on earth has yet.",
    "too_many_attributes": "More than ten charge-back values, or one that is too long.",
    "unknown_team": "No team of this name that the key may send for.",
    "conflict": "The same identity and revision was received before with another content.",
    "reserved_source": "The source is the server's own, and the id is that of no session that was allowed to the team.",
    "entered_by_hand": "No key sends, amends or withdraws adjustments and manual consumption; people enter them.",
    "not_the_session": "The id is that of a session that was allowed, and the event is of something else.",
    "books_closed": "A withdrawal of an event that is charged in closed books; an amendment is kept and marked late.",
    "withdraws_nothing": "A withdrawal names an event that was never received.",
    "insufficient_tokens": "The pool has fewer tokens, at that date, than an adjustment takes or its withdrawal needs.",
}
"""Why an event is rejected: nothing of it is kept, and it may be sent again once mended."""

QUARANTINE: dict[str, str] = {
    "unknown_product": "No product, feature code or alias of this name is in the catalogue yet.",
    "unknown_version": "The catalogue lists versions of this product, and this is none of them.",
    "no_contract": "No contract of the team opens this product at that time.",
    "no_rate": "No rate is in force for the product, or for the job's class, at that time.",
    "insufficient_tokens": "The pool has fewer tokens, at that date, than an adjustment takes.",
    "no_measure": "The service is priced by time, and the job says neither how long it worked nor how many units.",
    "no_rule": "Events of this type are kept; no rule charges them yet.",
}
"""Why an event waits: it is kept, and charged as soon as the catalogue knows what it needs (domain M2)."""

PROBLEMS_MAX = 30
"""How many problems of one event are listed: more than all its members can have."""

_RANK = {code: rank for rank, code in enumerate(PROBLEMS)}


def rank(code: str) -> int:
    """Return where `code` stands in the order in which problems are listed."""
    return _RANK[code]
