"""Who asks somebody into a team, asks again or takes it back: an account by its role there, or the command line."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.errors import Forbidden
from farebox.domain.rights import Action, Role, may_change
from farebox.records import audit
from farebox.records.chosen import By, Command
from farebox.records.standing import standing


class Asking(NamedTuple):
    """The actor of the audit, its account if any, and its role; the command line and operators have none, and may."""

    actor: str
    account: int | None
    role: Role | None

    def may_give(self, role: Role) -> bool:
        """Tell whether an invitation into a role may be sent, sent again or withdrawn by who asks (quality T4)."""
        return self.role is None or role is Role.USER or may_change(self.role, Role.USER, role)

    def insist_on(self, role: Role) -> None:
        """Raise `Forbidden` where an invitation into a role is not this one's to send again, replace or withdraw."""
        if not self.may_give(role):
            raise Forbidden("nobody asks again, or takes back, for a right that they do not have")


def asking(by: By, team: int) -> Asking:
    """Return who asks. Raises as `standing` does."""
    if isinstance(by, Command):
        return Asking(audit.COMMAND, None, None)
    return Asking(f"account {by.pk}", by.pk, standing(by, team, Action.PEOPLE).role)
