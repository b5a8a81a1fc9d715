"""What a use costs, from which instant on (product A2)."""

from __future__ import annotations

from farebox.domain.amounts import MICRO, Tokens, as_text
from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected, Taken
from farebox.domain.usage import UsageCategory
from farebox.records import db, idempotency
from farebox.records.catalogue import announce_change
from farebox.records.models import Product, Rate, RateCard
from farebox.services.catalogue.hand import Hand, note
from farebox.services.catalogue.offers import check_code

RATE_MAX = Tokens(10**5 * MICRO)
"""The highest rate: what the longest and largest jobs cost still fits in 64 bits."""

_UNIT_SECONDS_MAX = 366 * 86_400


def add_card(code: str, *, by: Hand) -> RateCard:
    """Make a rate card without a rate yet. Raises `Rejected` for what can be no code, `Taken` for one that is there."""
    check_code(code)
    with db.atomic():
        if RateCard.objects.filter(code=code).exists():
            raise Taken(f"there is a rate card {code!r} already", pointer="/code", taken=code)
        card = RateCard.objects.create(code=code)
        note(by, "card.add", f"card {card.pk}", {"code": code})
        announce_change()
    return card


def set_rate(
    card: str,
    product: Product,
    amount: Tokens,
    *,
    since: Instant,
    demo: bool = False,
    complexity: str = "",
    unit_seconds: int = 0,
    by: Hand | None = None,
    key: str = "",
) -> Rate:
    """
    Set a product's rate on a card from an instant on; charges before it keep theirs (product A2).

    Of a service, `complexity` is the class of job that it prices, and `unit_seconds` how long one unit is where time
    is priced (domain S1, S2). The same `key` with the same rate again sets nothing more, whatever was set since (L8).
    Raises `Rejected` for what no rate can be, `Taken` for another rate of that instant.
    """
    complexity = complexity.strip().casefold()
    problems = check_rate(amount, complexity, unit_seconds, of=product)
    if problems:
        raise Rejected(problems)
    asked = {"card": card, "product": product.code, "tokens": amount, "class": complexity, "unit": unit_seconds}
    wanted = {"tokens_micro": amount, "unit_size": unit_seconds}

    def once() -> Rate:
        with db.atomic():
            before = idempotency.replayed("rate", key, asked)
            if before is not None:
                return Rate.objects.get(pk=before["rate"])
            row, is_new = RateCard.objects.get_or_create(code=card, defaults={"demo": demo})
            if is_new:
                note(by, "card.add", f"card {row.pk}", {"code": card})
            rate, is_set = Rate.objects.get_or_create(
                card=row, product=product, complexity=complexity, since_us=since, defaults=wanted
            )
            if (rate.tokens_micro, rate.unit_size) != (amount, unit_seconds):
                raise Taken(f"{card} has another rate of {product.code} from that instant", pointer="/since")
            if is_set:
                note(by, "rate.set", f"card {row.pk}", {"code": card, **_facts(rate, product.code)})
            idempotency.remember("rate", key, asked, {"rate": rate.pk}, at=since if by is None else by.at)
            announce_change()
            return rate

    return db.insist(once)


def _facts(rate: Rate, product: str) -> dict[str, str | int]:
    """Return what the audit tells of a rate that was set."""
    facts: dict[str, str | int] = {"product": product, "tokens": as_text(Tokens(rate.tokens_micro))}
    facts["since_us"] = rate.since_us
    facts |= {"class": rate.complexity} if rate.complexity else {}
    return facts | ({"unit_seconds": rate.unit_size} if rate.unit_size else {})


def check_rate(amount: Tokens, complexity: str, unit_seconds: int, *, of: Product) -> list[Problem]:
    """Return what keeps an amount from being a rate; only services have jobs and units of time (domain S1, S2)."""
    problems = []
    if of.category == UsageCategory.DESKTOP_PRODUCT:
        wanted = (("/class", complexity.strip()), ("/unit-seconds", unit_seconds))
        problems = [Problem(at, "not_a_service", f"{of.code} is no service") for at, told in wanted if told]
    if amount < 0:
        problems.append(Problem("/amount", "invalid_value", "a rate is not negative"))
    if amount > RATE_MAX:
        problems.append(Problem("/amount", "invalid_value", f"a rate is at most {as_text(RATE_MAX)} tokens"))
    if len(complexity) > 60:
        problems.append(Problem("/class", "invalid_value", "a class has at most 60 characters"))
    if not 0 <= unit_seconds <= _UNIT_SECONDS_MAX:
        problems.append(Problem("/unit-seconds", "invalid_value", "a unit has from 1 second to 366 days, or no time"))
    return problems
