"""Offers of tokens to another team's primary administrator: opened, found, closed under the guard of their state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.rights import Action, roles_for
from farebox.records.models import Membership, TokenOffer
from farebox.records.models.token_offers import TokenOfferState


class Offered(NamedTuple):
    """An offer that is open: tokens of a pack, and what the pack has left now; `until` then it may be accepted."""

    id: int
    team_id: int
    team: str
    giver_id: int
    giver: str
    address: str
    pack: int
    pool: str
    order_number: str
    tokens: Tokens
    left: Tokens
    ends: Instant
    reason: str
    until: Instant


def add(
    team: int, pack: int, tokens: Tokens, *, giver: int, address: str, reason: str, now: Instant, until: Instant
) -> int:
    """Open an offer and return its number."""
    row = TokenOffer.objects.create(
        team_id=team,
        pack_id=pack,
        tokens_micro=tokens,
        giver_id=giver,
        address=address,
        reason=reason,
        offered_us=now,
        until_us=until,
    )
    return row.pk


def open_of(team: int, *, now: Instant) -> list[Offered]:
    """Return the open offers of a team whose givers could still make them, the latest first."""
    return _offered(_open(now).filter(team_id=team).order_by("-offered_us", "-pk"))


def made_since(team: int, since: Instant) -> int:
    """Tell how many offers a team made after an instant, whatever became of them."""
    return TokenOffer.objects.filter(team_id=team, offered_us__gt=since).count()


def open_to(address: str, *, now: Instant) -> list[Offered]:
    """Return the open offers to an address whose givers could still make them, the earliest first."""
    return _offered(_open(now).filter(address=address).order_by("offered_us", "pk"))


def is_closed(offer: int, address: str, *, now: Instant) -> bool:
    """Tell whether an offer was made to an address, and is over."""
    return TokenOffer.objects.filter(pk=offer, address=address).exclude(pk__in=_open(now).filter(pk=offer)).exists()


def close(offer: int, state: TokenOfferState, *, now: Instant) -> bool:
    """Close an offer that is open; False where it is not any more. Of several at once one succeeds."""
    rows = TokenOffer.objects.filter(pk=offer, state=TokenOfferState.OPEN, until_us__gt=now)
    return bool(rows.update(state=state, closed_us=now))


def end_open(team: int, *, now: Instant) -> None:
    """Withdraw what a team offers, because the primary role went to somebody else; after that, in its transaction."""
    rows = TokenOffer.objects.filter(team_id=team, state=TokenOfferState.OPEN)
    rows.update(state=TokenOfferState.WITHDRAWN, closed_us=now)


def forget(before: Instant) -> None:
    """Delete the offers that could be accepted until an instant at the latest, with the addresses that they hold."""
    TokenOffer.objects.filter(until_us__lt=before).delete()


def _open(now: Instant) -> QuerySet[TokenOffer]:
    """Return what may be accepted: an offer is over where who made it could not make it any more."""
    leads = Membership.objects.filter(
        team_id=OuterRef("team_id"),
        user_id=OuterRef("giver_id"),
        user__is_active=True,
        role__in=roles_for(Action.MOVE_TOKENS),
    )
    return _unanswered(now).filter(Exists(leads))


def _unanswered(now: Instant) -> QuerySet[TokenOffer]:
    rows = TokenOffer.objects.select_related("team", "giver", "pack")
    return rows.filter(state=TokenOfferState.OPEN, until_us__gt=now)


def _offered(rows: Iterable[TokenOffer]) -> list[Offered]:
    return [
        Offered(
            id=row.pk,
            team_id=row.team_id,
            team=row.team.name,
            giver_id=row.giver_id,
            giver=row.giver.get_full_name(),
            address=row.address,
            pack=row.pack_id,
            pool=row.pack.pool,
            order_number=row.pack.order_number,
            tokens=Tokens(row.tokens_micro),
            left=Tokens(row.pack.left_micro),
            ends=Instant(row.pack.until_us),
            reason=row.reason,
            until=Instant(row.until_us),
        )
        for row in rows
    ]
