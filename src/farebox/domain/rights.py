"""
Who may do what in a team: the matrix of quality.md as data; nothing else in the program knows roles apart.

One line an action, one cell a role. The cells: `-` refused, `o` one's own only, `y` in the team, `!` in the team after
a fresh sign-in, `l` may look and not touch. Operators of the installation are no role of a team: what they may do is
in their own column.  (quality: authorization matrix)
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a member of a team may do."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"
    SSO = "SSO"
    USER = "USER"


ADMINISTRATORS = (Role.PRIMARY, Role.SECONDARY, Role.SSO)
"""The roles that see and change what is the team's."""


class Cell(StrEnum):
    """What one role may do of one action."""

    NO = "-"
    OWN = "o"
    """What is one's own only."""
    LOOK = "l"
    YES = "y"
    FRESH = "!"
    """After one proved a few minutes ago who one is."""


class Action(StrEnum):
    """What can be done in a team, as the rows of the matrix name it."""

    OWN_USE = "own products and own use"
    BALANCES = "team balances"
    USAGE = "usage by product and by user"
    EXPORTS = "queries and exports of one's own"
    OTHERS_EXPORTS = "another administrator's export"
    HIDE_NAMES = "hide names"
    SHOW_NAMES = "show names again"
    REVEAL = "resolve one pseudonym"
    PEOPLE = "invite and remove people, assign products, default assignments"
    ADMINISTRATORS = "make and remove secondary and SSO administrators"
    HAND_OVER = "hand over the primary role"
    SINGLE_SIGN_ON = "single sign-on and the proof of domains"
    CLIENTS = "programs of the team"
    SOURCE_KEYS = "source keys"
    OWN_SESSIONS = "one's own sessions and grants"
    END_SESSIONS = "any member's sessions"
    MANUAL_USE = "consumption entered by hand"
    MOVE_TOKENS = "tokens to another team"
    AUDIT = "the team's audit log"
    SETTINGS = "the team's settings"


_COLUMNS = (Role.USER, Role.SSO, Role.SECONDARY, Role.PRIMARY)
_LINES = {
    Action.OWN_USE: "oooo",
    Action.BALANCES: "-yyy",
    Action.USAGE: "-yyy",
    Action.EXPORTS: "-yyy",
    Action.OTHERS_EXPORTS: "---y",
    Action.HIDE_NAMES: "-yyy",
    Action.SHOW_NAMES: "-!!!",
    Action.REVEAL: "---!",
    Action.PEOPLE: "-yyy",
    Action.ADMINISTRATORS: "-!!!",
    Action.HAND_OVER: "---!",
    Action.SINGLE_SIGN_ON: "-!-!",
    Action.CLIENTS: "--l!",
    Action.SOURCE_KEYS: "-!!!",
    Action.OWN_SESSIONS: "oooo",
    Action.END_SESSIONS: "-y-y",
    Action.MANUAL_USE: "---!",
    Action.MOVE_TOKENS: "---!",
    Action.AUDIT: "-oyy",
    Action.SETTINGS: "-yyy",
}
MATRIX: Mapping[Action, Mapping[Role, Cell]] = {
    action: {role: Cell(cell) for role, cell in zip(_COLUMNS, line, strict=True)} for action, line in _LINES.items()
}


def cell(role: Role, action: Action) -> Cell:
    """Return what a role may do of an action."""
    return MATRIX[action][role]


def roles_for(action: Action) -> tuple[Role, ...]:
    """Return the roles that may do an action in some way."""
    return tuple(role for role in _COLUMNS if MATRIX[action][role] is not Cell.NO)


_WEIGHT = {Cell.NO: 0, Cell.OWN: 1, Cell.LOOK: 2, Cell.YES: 3, Cell.FRESH: 3}


def covers(giver: Role, role: Role) -> bool:
    """Tell whether `giver` may do at least as much as `role` of every action (quality T4)."""
    return all(_WEIGHT[cells[giver]] >= _WEIGHT[cells[role]] for cells in MATRIX.values())


def may_change(giver: Role, before: Role, now: Role) -> bool:
    """
    Tell whether somebody may give a member another role: neither takes nor gives a right that the giver lacks.

    So nobody raises themselves, and who may is free to step down. The primary role is never changed this way: it is
    handed over (quality T4).
    """
    if Role.PRIMARY in (before, now) or cell(giver, Action.ADMINISTRATORS) is Cell.NO:
        return False
    return covers(giver, before) and covers(giver, now)


def may_give(giver: Role) -> tuple[Role, ...]:
    """Return the roles that somebody may give to a member who administers nothing, the least first."""
    return tuple(role for role in _COLUMNS if may_change(giver, Role.USER, role))
