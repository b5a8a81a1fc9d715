"""
What the audit log tells of: every verb that is written into it, and the area that it belongs to (quality T5).

A verb that is missing here is seen by nobody whose part of the log is an area; a test names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from farebox.domain.rights import Action, Cell, Role, cell


class Area(StrEnum):
    """A part of what is done in a team or an installation."""

    PEOPLE = "people"
    ROLES = "roles"
    SIGN_IN = "sign-in"
    PROGRAMS = "programs"
    REPORTS = "reports"
    TOKENS = "tokens"
    CATALOGUE = "catalogue"
    REFUSALS = "refusals"


_OWN_OF_SSO = frozenset({Area.PEOPLE, Area.ROLES, Area.SIGN_IN})
"""What the SSO administrator's part of the log is (quality: authorization matrix)."""

NAMING = frozenset({Area.PEOPLE, Area.ROLES, Area.SIGN_IN, Area.PROGRAMS, Area.REFUSALS, Area.CATALOGUE})
"""
Areas in whose rows the person that a row is about is named: managing people shows names and never a use.

Rows about use and reports name nobody but who did it, so that no name stands beside a use or a pseudonym (P1).
"""

_BY_AREA: Mapping[Area, tuple[str, ...]] = {
    Area.PEOPLE: (
        "person.add",
        "invited",
        "invited again",
        "invitation accepted",
        "invitation withdrawn",
        "assigned",
        "unassigned",
        "default added",
        "default removed",
        "group made",
        "group renamed",
        "group removed",
        "joined group",
        "left group",
        "left",
        "joined",
        "seated",
        "seat given",
        "seat end set",
        "trial given",
        "trial end set",
        "imported",
        "import read",
        "import forgotten",
        "import began",
        "import ended",
    ),
    Area.ROLES: (
        "role.set",
        "role.remove",
        "handover.offer",
        "handover.accept",
        "handover.refuse",
        "handover.withdraw",
        "primary.appoint",
        "operator.made",
        "operator.removed",
    ),
    Area.SIGN_IN: (
        "sign_in.done",
        "sign_in.out",
        "sign_in.failed",
        "sign_in.failed.more",
        "second_factor.set",
        "second_factor.codes",
        "second_factor.removed",
        "second_factor.taken",
        "second_factor.failed",
        "second_factor.failed.more",
        "password.changed",
        "password.reset",
        "password.reset_asked",
        "password.reset_asked.more",
        "password.set",
        "account.add",
        "account.disabled",
        "account.enabled",
        "sessions.ended",
        "sso.connected",
        "sso.changed",
        "sso.removed",
        "sso.enforced",
        "sso.relaxed",
        "sso.domain_claimed",
        "sso.domain_proven",
        "sso.domain_lapsed",
        "sso.domain_dropped",
        "sso.joined",
        "sso.linked",
        "sso.refused",
        "sso.refused.more",
    ),
    Area.PROGRAMS: (
        "token.make",
        "token.revoke",
        "client.register",
        "client.rotate",
        "client.revoke",
        "client.act",
        "client.stop",
        "client.consent",
        "client.withdraw",
        "clients.open",
        "clients.close",
        "source.add",
        "source.rotate",
        "source.revoke",
    ),
    Area.REPORTS: (
        "names.hide",
        "names.show",
        "names.reveal",
        "names.reveal.missed",
        "export.request",
        "export.delete",
        "export.remove",
        "recurring.make",
        "recurring.change",
        "recurring.pause",
        "recurring.resume",
        "recurring.end",
        "schedule_made",
        "schedule_replaced",
        "schedule_ended",
        "team.time_zone",
        "enriched",
        "field.rename",
        "field.free",
    ),
    Area.TOKENS: (
        "pack.give",
        "move",
        "merge",
        "tokens.adjust",
        "tokens.consume",
        "tokens.offer",
        "tokens.offer.accept",
        "tokens.offer.refuse",
        "tokens.offer.withdraw",
        "amended",
        "withdrew",
        "events released",
        "closed books",
        "set",
        "proposal.make",
        "proposal.approve",
        "proposal.refuse",
        "proposal.withdraw",
    ),
    Area.CATALOGUE: (
        "team.add",
        "team.rename",
        "contract.add",
        "product.add",
        "product.change",
        "product.where",
        "offer.add",
        "offer.open",
        "card.add",
        "rate.set",
        "mails retried",
    ),
    Area.REFUSALS: ("refused", "refused.more"),
}

OF_INSTALLATION = frozenset(
    {
        "card.add",
        "mails retried",
        "names.reveal.missed",
        "offer.add",
        "offer.open",
        "password.reset_asked",
        "password.reset_asked.more",
        "product.add",
        "product.change",
        "product.where",
        "rate.set",
    }
)
"""Verbs that stand in the log of the installation alone, and in no team's."""

VERBS: Mapping[str, Area] = {verb: area for area, verbs in _BY_AREA.items() for verb in verbs}


def seen_by(role: Role) -> frozenset[str] | None:
    """Return the verbs of the team's log that a role sees; None: all there are."""
    match cell(role, Action.AUDIT):
        case Cell.NO:
            return frozenset()
        case Cell.OWN:
            return frozenset(verb for verb, area in VERBS.items() if area in _OWN_OF_SSO)
        case _:
            return None
