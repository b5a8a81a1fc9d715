"""
Tokens offered to another team's primary administrator, who takes them into a team of theirs or not (matrix, L6).

An offer names an address and learns nothing of it: whether there is such an account is asked when the mail is sent,
and everything until then is the same (quality T2). Nothing is reserved: what is gone by then cannot be accepted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import DAY, Day, Instant
from farebox.domain.errors import Forbidden, NotFound, Problem, Rejected
from farebox.domain.moves import Goal, amount_of, problems_of
from farebox.domain.rights import Action
from farebox.domain.teams import canonical, is_email
from farebox.records import audit, db, idempotency, mails, moving, token_offers
from farebox.records.mails import MailKind
from farebox.records.models import Pack, Team, User
from farebox.records.models.token_offers import TokenOfferState
from farebox.records.roles import account_of
from farebox.records.standing import Account, Standing, standing, standings
from farebox.records.token_offers import Offered
from farebox.services.move.moving import REASON_LENGTH_MAX, Move, Moved, move

__all__ = [
    "DAYS",
    "Made",
    "Offer",
    "Offered",
    "accept",
    "ended",
    "is_over",
    "offer",
    "offered_to",
    "open_of",
    "refuse",
    "teams_for",
    "withdraw",
]

DAYS = 7
"""For how long an offer may be accepted."""

OPEN_MAX = 20
"""How many offers of a team may be open at once."""

DAILY_MAX = 20
"""How many offers a team may make within a day, whatever becomes of them; each is a mail to somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Tokens of a pack, all that is left of it if no amount is given, for who leads a team under this address."""

    pack: int
    address: str
    tokens: Tokens | None = None
    reason: str = ""


class Made(NamedTuple):
    """The number of an offer, and whether it was made before, when the same was asked with the same key."""

    offer: int
    is_repeated: bool


def offer(user: Account, team_id: int, asked: Offer, *, key: str, language: str, now: Instant) -> Made:
    """
    Offer tokens to an address; the same key again offers nothing more (L8).

    Raises `NotFound` or `Forbidden` for who does not lead the team, `NotFound` for a pack that is not its own,
    `Rejected` with every problem, `Conflict` for a key used before for another offer.
    """

    def once() -> Made:
        with db.atomic():
            # who hands the role on meanwhile ends this offer with the others; and offers are counted one by one
            moving.hold_rights(user.pk or 0, [team_id])
            standing(user, team_id, Action.MOVE_TOKENS)
            said, request = f"{user.pk}:{team_id}:{key}" if key else "", asdict(asked)
            before = idempotency.replayed("tokens.offer", said, request)
            if before is not None:
                return Made(int(before["offer"]), is_repeated=True)
            made = _offer(user, team_id, asked, language, now)
            idempotency.remember("tokens.offer", said, request, {"offer": made}, at=now)
            return Made(made, is_repeated=False)

    return db.insist(once)


def _offer(user: Account, team_id: int, asked: Offer, language: str, now: Instant) -> int:
    pack = Pack.objects.select_related("contract").filter(pk=asked.pack, contract__team_id=team_id).first()
    if pack is None:
        raise NotFound(f"no pack {asked.pack}")
    address, problems = _address(user, asked.address)
    problems += problems_of(moving.movable(pack), Goal(0, has_contract=True), asked.tokens, at=now)
    if len(asked.reason) > REASON_LENGTH_MAX:
        problems.append(Problem("/reason", "invalid_value", f"a reason has at most {REASON_LENGTH_MAX} characters"))
    problems += _too_many(team_id, now)
    if problems:
        raise Rejected(problems)
    amount, until = amount_of(moving.movable(pack), asked.tokens), Instant(now + DAYS * DAY)
    giver = user.pk or 0
    made = token_offers.add(
        team_id, pack.pk, amount, giver=giver, address=address, reason=asked.reason, now=now, until=until
    )
    # a mail to nobody is a row as well, and dropped when it is due: nobody can tell by what is written or by the time
    to = User.objects.filter(email=address).values_list("pk", flat=True).first() or giver
    mails.queue(None, None, to, MailKind.TOKENS_OFFERED, {"offer": made}, language=language, now=now)
    facts: audit.Facts = {"offer": made, "tokens_micro": int(amount)}
    audit.note([audit.Change(team_id, "tokens.offer", f"pack {pack.pk}", facts)], account_of(user), at=now)
    return made


def _too_many(team_id: int, now: Instant) -> list[Problem]:
    """Tell what is full; where it is the day, taking an offer back would not help."""
    if token_offers.made_since(team_id, Instant(now - DAY)) >= DAILY_MAX:
        return [Problem("/day", "too_many", f"this team made {DAILY_MAX} offers within a day")]
    if len(token_offers.open_of(team_id, now=now)) >= OPEN_MAX:
        return [Problem("", "too_many", f"{OPEN_MAX} offers of this team are open")]
    return []


def _address(user: Account, text: str) -> tuple[str, list[Problem]]:
    try:
        address = canonical(text, pointer="/address")
    except Rejected as refused:
        return "", list(refused.problems)
    if not is_email(address):
        return "", [Problem("/address", "invalid_person", "an offer goes to an e-mail address")]
    if address == _own(user):
        return "", [Problem("/address", "invalid_value", "this is who offers them")]
    return address, []


def open_of(user: Account, team_id: int, *, now: Instant) -> list[Offered]:
    """Return what a team offers, for who leads it. Raises `NotFound` or `Forbidden` for everybody else."""
    standing(user, team_id, Action.MOVE_TOKENS)
    return token_offers.open_of(team_id, now=now)


def withdraw(user: Account, team_id: int, offer_id: int, *, now: Instant) -> Offered:
    """Take an offer back. Raises `NotFound` for one that is not open, or not of this team."""
    found = next((one for one in open_of(user, team_id, now=now) if one.id == offer_id), None)
    if found is None:
        raise NotFound("no such offer, or not yours")
    _close(found, TokenOfferState.WITHDRAWN, "tokens.offer.withdraw", account_of(user), now)
    return found


def offered_to(user: Account, *, now: Instant) -> list[Offered]:
    """Return what is offered to somebody who leads a team, and may still be accepted."""
    own = _own(user)
    return token_offers.open_to(own, now=now) if own and standings(user, Action.MOVE_TOKENS) else []


def teams_for(user: Account, found: Offered) -> list[Standing]:
    """Return the teams into which somebody may take what is offered, by name."""
    return [one for one in standings(user, Action.MOVE_TOKENS) if one.team_id != found.team_id]


def ended(user: Account, found: Offered, *, now: Instant) -> list[tuple[str, Day]]:
    """Return the teams among these whose contract that would hold the tokens is over, with its last day."""
    teams = teams_for(user, found)
    last = moving.ended_contracts(found.pack, [one.team_id for one in teams], at=now)
    return [(one.team, last[one.team_id]) for one in teams if one.team_id in last]


def is_over(user: Account, offer_id: int, *, now: Instant) -> bool:
    """Tell whether something was offered to somebody, and is closed or has lapsed."""
    return bool(_own(user)) and token_offers.is_closed(offer_id, _own(user), now=now)


def accept(user: Account, offer_id: int, into: int, *, now: Instant) -> Moved:
    """
    Take offered tokens into a team: they move in this transaction, in the name of who accepts.

    Whoever calls it has proven who they are a moment ago. Raises `NotFound` for an offer that is not open, is somebody
    else's, or whose giver does not lead the team any more, and for a team that one does not lead; `Rejected` where
    the tokens are not there any more, or the team cannot hold them. Then the offer stays open.
    """

    def once() -> Moved:
        with db.atomic():
            found = _mine(user, offer_id, now)
            # roles before offers, as who hands the role on takes them
            goal = _goal(user, found, into)
            if not token_offers.close(found.id, TokenOfferState.ACCEPTED, now=now):
                raise NotFound("this offer is not open any more")
            asked = Move(pack=found.pack, to=goal.slug, tokens=found.tokens, reason=found.reason, across=True)
            moved = move(asked, now=now, actor=account_of(user))
            _note(found, found.team_id, "tokens.offer.accept", account_of(user), now)
            _note(found, goal.pk, "tokens.offer.accept", account_of(user), now)
            return moved

    return db.insist(once)


def _goal(user: Account, found: Offered, into: int) -> Team:
    """Return the team that gets them, with the rights of both people held fast until the transaction ends."""
    for account, team in sorted([(found.giver_id, found.team_id), (user.pk or 0, into)]):
        moving.hold_rights(account, [team])
    giver = User.objects.get(pk=found.giver_id)
    try:
        standing(giver, found.team_id, Action.MOVE_TOKENS)
        standing(user, into, Action.MOVE_TOKENS)
    except Forbidden as error:
        raise NotFound("no such team, or not led by who has to lead it") from error
    return Team.objects.get(pk=into)


def refuse(user: Account, offer_id: int, *, now: Instant) -> Offered:
    """Refuse what was offered. Raises `NotFound` for an offer that is not open, or is somebody else's."""
    found = _mine(user, offer_id, now)
    _close(found, TokenOfferState.REFUSED, "tokens.offer.refuse", account_of(user), now)
    return found


def _mine(user: Account, offer_id: int, now: Instant) -> Offered:
    found = next((one for one in offered_to(user, now=now) if one.id == offer_id), None)
    if found is None:
        raise NotFound("no such offer, or not yours")
    return found


def _close(found: Offered, state: TokenOfferState, verb: str, actor: str, now: Instant) -> None:
    with db.atomic():
        if not token_offers.close(found.id, state, now=now):
            raise NotFound("this offer is not open any more")
        _note(found, found.team_id, verb, actor, now)


def _note(found: Offered, team: int, verb: str, actor: str, now: Instant) -> None:
    facts: audit.Facts = {"offer": found.id, "account": found.giver_id, "tokens_micro": int(found.tokens)}
    audit.note([audit.Change(team, verb, f"pack {found.pack}", facts)], actor, at=now)


def _own(user: Account) -> str:
    return str(getattr(user, "email", ""))
