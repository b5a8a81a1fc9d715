"""An explanation put together: numbers to names and texts, each list in the order in which the rules looked at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from farebox.domain.amounts import Tokens, as_text
from farebox.domain.charging.flex import WINDOW_US, outlasts_grace
from farebox.domain.clock import DAY, MINUTE, Instant, as_date, as_iso, day_of
from farebox.domain.explain import WhatIf
from farebox.domain.ids import charged_item_id
from farebox.domain.usage import Reason, Row, Use
from farebox.records import explaining
from farebox.records.catalogue import Catalogue
from farebox.records.explaining import LISTED_MAX, ChargeFacts, Earlier, Payment
from farebox.records.usage import Booked
from farebox.services.explain import document as shown
from farebox.services.explain.basis import Basis, ChainBasis, DayBasis, Decided, OutrightBasis
from farebox.services.explain.words import RULES, change_text, outcome_text


def explanation(facts: ChargeFacts, decided: Decided, catalogue: Catalogue) -> shown.Explanation:
    """Write the explanation of a charge."""
    row, basis = facts.row, decided.basis
    looked_at = _looked_at(facts, basis)
    products = {row.product, *(product for _, product in looked_at), *(one.product for one in decided.what_ifs)}
    names = {0: ("", ""), **explaining.products(sorted(products - {0}))}
    rule = RULES[row.reason]
    return shown.Explanation(
        charged_item_id=charged_item_id(facts.id),
        contract=facts.contract_number,
        scheme=facts.scheme,
        counts=facts.ended is None,
        ended=_moment(facts.ended),
        person=_person(facts),
        product=shown.ExplainedProduct(code=names[row.product][0], name=names[row.product][1]),
        usage_category=facts.usage_category,
        usage_date=as_date(row.day).isoformat(),
        since=as_iso(row.since),
        until=as_iso(row.until),
        at=as_iso(row.at),
        booked=as_iso(facts.booked),
        category=row.category,
        tokens=as_text(row.tokens),
        shortfall=as_text(Tokens(facts.shortfall)),
        over_consumption=as_text(Tokens(facts.over)),
        funding=facts.funding,
        reason=row.reason,
        rule=shown.ExplainedRule(number=rule.number, says=rule.says),
        rate=_rate(row.rate),
        window=None if row.window is None else _span(row.window, row.window + WINDOW_US),
        day=_day(basis),
        settings=_settings(facts, basis),
        details=_details(facts, basis, catalogue),
        use=_use(facts),
        considered_total=len(looked_at),
        considered=_considered(facts, looked_at, basis, names),
        payments=tuple(_payment(one) for one in explaining.payments(facts.id)),
        holds=tuple(_hold(one) for one in explaining.holds(facts)),
        before=_before(facts),
        instead=_instead(facts),
        what_if=tuple(_what_if(one, names[one.product][1]) for one in decided.what_ifs),
        replayed=None if basis is None else _replayed(row, decided.again),
    )


def _moment(at: Instant | None) -> str | None:
    return None if at is None else as_iso(at)


def _span(since: int, until: int) -> shown.ExplainedSpan:
    return shown.ExplainedSpan(since=as_iso(Instant(since)), until=as_iso(Instant(until)))


def _person(facts: ChargeFacts) -> str:
    key, pseudonym = explaining.person(facts.person)
    return pseudonym if facts.names_hidden else key


def _event_id(facts: ChargeFacts, event_id: str) -> str | None:
    """Return an event's id, unless names are hidden: a program may have written one into it."""
    return None if facts.names_hidden else event_id


def _rate(number: int) -> shown.ExplainedRate | None:
    found = explaining.rate(number) if number else None
    if found is None:
        return None
    return shown.ExplainedRate(
        card=found.card,
        since=as_iso(found.since),
        tokens=as_text(Tokens(found.tokens)),
        complexity=found.complexity,
        unit_seconds=found.unit_size,
    )


def _day(basis: Basis | None) -> shown.ExplainedSpan | None:
    """Return the day of an enterprise charge on the clock that it begins first on."""
    return _span(basis.day.day_start, basis.day.day_start + DAY) if isinstance(basis, DayBasis) else None


def _settings(facts: ChargeFacts, basis: Basis | None) -> dict[str, int]:
    """Return the settings that were in force, in minutes."""
    match basis:
        case DayBasis():
            return {"minimum_minutes": basis.day.minimum_us // MINUTE}
        case ChainBasis():
            saves = [denial.save_us // MINUTE for denial in basis.chain.denials if denial.at == facts.row.since]
            return {"grace_minutes": facts.use.grace_us // MINUTE} | ({"save_minutes": saves[0]} if saves else {})
        case OutrightBasis() | None:
            return {}


def _details(facts: ChargeFacts, basis: Basis | None, catalogue: Catalogue) -> dict[str, str]:
    """Return what the event says that decided the price; of a late difference, which books were closed."""
    if isinstance(basis, OutrightBasis):
        return basis.details
    through = catalogue.contracts[facts.contract].closed_through
    if facts.row.reason != Reason.LATE or through is None:
        return {}
    used = day_of(facts.row.since, facts.offset_seconds)
    return {"usedOn": as_date(used).isoformat(), "closedThrough": as_date(through).isoformat()}


def _use(facts: ChargeFacts) -> shown.ExplainedUse:
    use, event = facts.use, explaining.event(facts.event)
    return shown.ExplainedUse(
        kind=facts.kind,
        since=as_iso(use.since),
        until=as_iso(use.until),
        open=facts.open,
        usage_type=facts.usage_type,
        offset_seconds=facts.offset_seconds,
        late=facts.late,
        unassigned=None if facts.names_hidden else facts.unassigned,  # who holds what is told by name (quality P1)
        source=event.source,
        event=_event_id(facts, event.event_id),
        revision=event.revision,
    )


def _looked_at(facts: ChargeFacts, basis: Basis | None) -> list[tuple[Use, int]]:
    """
    Return the uses that the rule looked at, each with its product, in order.

    Of a chain those that begin before the part of the use, or its window, is over: later ones cannot matter to it.
    """
    match basis:
        case ChainBasis():
            row = facts.row
            until = row.until if row.window is None else max(row.until, row.window + WINDOW_US)
            return [(use, row.product) for use in basis.chain.uses if use.since <= until]
        case DayBasis():
            return [(one.use, one.product) for one in basis.uses]
        case OutrightBasis() | None:
            return []


def _considered(
    facts: ChargeFacts,
    looked_at: Sequence[tuple[Use, int]],
    basis: Basis | None,
    names: dict[int, tuple[str, str]],
) -> tuple[shown.ExplainedSession, ...]:
    """Return the uses nearest to the explained one, as many as are listed."""
    nth = next((nth for nth, (use, _) in enumerate(looked_at) if use.id == facts.row.use), 0)
    first = max(0, min(nth - LISTED_MAX // 2, len(looked_at) - LISTED_MAX))
    listed = looked_at[first : first + LISTED_MAX]
    events = explaining.events_of([use.id for use, _ in listed])
    rows: defaultdict[int, list[Booked]] = defaultdict(list)
    for one in basis.booked if isinstance(basis, ChainBasis | DayBasis) else ():
        rows[one.row.use].append(one)
    return tuple(
        shown.ExplainedSession(
            source=events[use.id][0],
            event=_event_id(facts, events[use.id][1]),
            product=names[product][0],
            since=as_iso(use.since),
            until=as_iso(use.until),
            counts=_counts(use, basis),
            explained=use.id == facts.row.use,
            rows=tuple(_row(one) for one in sorted(rows[use.id], key=lambda one: one.row.since)),
        )
        for use, product in listed
    )


def _counts(use: Use, basis: Basis | None) -> bool:
    if isinstance(basis, DayBasis):
        return use.until - use.since >= basis.day.minimum_us
    return outlasts_grace(use)


def _row(booked: Booked) -> shown.ExplainedRow:
    row = booked.row
    return shown.ExplainedRow(
        charged_item_id=charged_item_id(booked.id),
        since=as_iso(row.since),
        until=as_iso(row.until),
        category=row.category,
        tokens=as_text(row.tokens),
        reason=row.reason,
    )


def _payment(one: Payment) -> shown.ExplainedPayment:
    pack = shown.ExplainedPack(
        number=one.pack,
        order_number=one.order_number,
        since=as_iso(one.pack_since),
        until=as_iso(one.pack_until),
        size=as_text(Tokens(one.pack_size)),
        had=as_text(Tokens(one.had)),
    )
    return shown.ExplainedPayment(
        entry=one.number,
        kind=one.kind,
        pool=one.pool,
        source=one.source,
        target=one.target,
        tokens=as_text(Tokens(one.tokens)),
        at=as_iso(one.at),
        booked=as_iso(one.booked),
        pack=pack if one.pack else None,
    )


def _hold(one: explaining.HoldFacts) -> shown.ExplainedHold:
    return shown.ExplainedHold(
        kind=one.kind,
        since=as_iso(one.since),
        due=as_iso(one.due),
        tokens=as_text(Tokens(one.tokens)),
        ended=_moment(one.ended),
        booked=one.booked,
    )


def _before(facts: ChargeFacts) -> tuple[shown.ExplainedEarlier, ...]:
    """Return the charges that stood for this part of the use before, and what ended each (domain N5, M3)."""
    earlier = [one for one in explaining.no_longer(facts.event) if one.charge.id != facts.id]
    return tuple(_earlier(facts, one) for one in earlier if _meet(one.charge.row, facts.row))


def _meet(one: Row, other: Row) -> bool:
    """Tell whether two parts of a use have a moment in common; a use of no length has its own."""
    return (one.since < other.until and other.since < one.until) or one.since == other.since


def _earlier(facts: ChargeFacts, one: Earlier) -> shown.ExplainedEarlier:
    row = one.charge.row
    amended = one.use_ended == one.ended
    return shown.ExplainedEarlier(
        charged_item_id=charged_item_id(one.charge.id),
        since=as_iso(row.since),
        until=as_iso(row.until),
        category=row.category,
        tokens=as_text(row.tokens),
        reason=row.reason,
        booked=as_iso(one.booked),
        ended=as_iso(one.ended),
        revision=explaining.revision_until(facts.event, one.ended) if amended else None,
        ended_by=tuple(_cause(facts, cause) for cause in explaining.causes(facts, one.ended)),
    )


def _cause(facts: ChargeFacts, cause: explaining.Cause) -> shown.ExplainedCause:
    return shown.ExplainedCause(
        source=cause.source,
        event=_event_id(facts, cause.event_id),
        revision=cause.revision,
        same_event=cause.event == facts.event,
    )


def _instead(facts: ChargeFacts) -> tuple[str, ...]:
    """Return the charges that stand for the same part of the use now, where this one no longer counts."""
    if facts.ended is None:
        return ()
    row = facts.row
    return tuple(
        charged_item_id(number)
        for number, since, until in explaining.counting(facts.event)
        if (since < row.until and row.since < until) or since == row.since
    )


def _what_if(one: WhatIf, product: str) -> shown.ExplainedWhatIf:
    return shown.ExplainedWhatIf(
        change=one.change,
        says=f"{change_text(one, product)}: {outcome_text(one)}",
        category=one.category,
        tokens=as_text(one.tokens),
        difference=as_text(Tokens(one.difference)),
    )


def _replayed(row: Row, again: Row | None) -> shown.Replayed:
    """Compare what rating again gives with what was charged; the two differ only where the books are wrong (L7)."""
    if again is None:
        return shown.Replayed(category=None, tokens="0", same=False)
    return shown.Replayed(category=again.category, tokens=as_text(again.tokens), same=again == row)
