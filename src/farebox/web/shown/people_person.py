"""One person of a team, ready for the reader: state, role, groups, and each product with how it is held."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from farebox.domain.rights import Role
from farebox.domain.usage import Funding
from farebox.services.assign import GroupOf, PersonAccess, ProductAccess, State
from farebox.services.invite import Pending
from farebox.web.shown import people_words as words
from farebox.web.shown.people import beside
from farebox.web.shown.people_ticks import Tick, Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePerson:
    """A person's page."""

    id: int
    name: str
    address: str
    is_mail: bool
    state: str
    state_note: str
    role: str
    groups: tuple[GroupOf, ...]
    invitation: int
    may_invite: bool
    is_gone: bool
    may_remove: bool
    opens: str
    ticks: Ticks
    mail_note: str
    held: tuple[str, ...]
    trial_note: str


def one_person(access: PersonAccess, invitation: Pending | None, *, problem: str = "") -> OnePerson:
    """Return the page of a person."""
    row = access.row
    is_gone = row.state is State.LEFT
    return OnePerson(
        id=row.id,
        name=row.name,
        address=beside(row.name, row.key),
        is_mail=bool(row.email),
        state=words.state(row.state),
        state_note=words.state_note(row.state, row.since, lapses=invitation.until if invitation else None),
        role=words.role(row.role),
        groups=access.groups,
        invitation=invitation.id if invitation else 0,
        may_invite=invitation is None and row.may_be_invited,
        is_gone=is_gone,
        may_remove=row.role is Role.USER,
        opens=_opens(access),
        ticks=_ticks(access, problem),
        mail_note=_mail_note(access),
        held=tuple(words.entitled(one.product.name, one.entitled) for one in access.products if one.entitled),
        trial_note=_trial_note(access),
    )


def _opens(access: PersonAccess) -> str:
    """Say what the person may open now, in one sentence."""
    row = access.row
    match row.state:
        case State.PENDING | State.LAPSED:
            return _("What is ticked here may be opened from the moment when the invitation is accepted.")
        case State.UNCLAIMED:
            return _("The person was named in usage, and may open nothing until invited or given a product.")
        case State.LEFT | State.ACTIVE:
            return ""


def _mail_note(access: PersonAccess) -> str:
    if access.row.state is not State.ACTIVE or not access.row.email:
        return ""
    return _("Products given here are told by mail, all in one. Taking products back sends no mail.")


def _trial_note(access: PersonAccess) -> str:
    """Say what to ask of somebody who tries a product out, until the trial has ended [S 003]."""
    if not any(one.entitled and one.entitled.kind is Funding.TRIAL for one in access.products):
        return ""
    return _("Ask the person to ignore the message that the trial expires. Once it has ended, tokens are used.")


def _ticks(access: PersonAccess, problem: str) -> Ticks:
    which = "all" if access.every else "these"
    lines = tuple(
        Tick(one.product.code, one.product.name, one.ticked, _notes(one, rests=access.rests)) for one in access.products
    )
    return Ticks(
        legend=_("What the person may open"),
        which=which,
        lines=lines,
        problem=problem,
        shown=access.shown,
        shown_every=access.every,
        tells=True,
    )


def _notes(one: ProductAccess, *, rests: bool) -> tuple[str, ...]:
    """Say how a product is held, and whether tokens are used for it."""
    notes = []
    if one.ways:
        notes.append(_("Held %(ways)s.") % {"ways": words.held(one.ways, None)})
    elif one.ticked and rests:
        notes.append(_("The tick rests."))
    if not one.offered:
        notes.append(_("Not in the offer now."))
    notes.append(words.paid(one.paid, one.entitled))
    return tuple(note for note in notes if note)
