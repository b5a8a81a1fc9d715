"""
The columns of the reports, schema by schema: what each is called, and which fact of a row stands in it.

A version never changes: people's macros name its columns. A change is another version beside it.  (product H1)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from types import MappingProxyType

from farebox.domain.report_files import ReportType, Schema


class Kind(StrEnum):
    """What a cell is, so that a spreadsheet takes it for that."""

    TEXT = auto()
    NUMBER = auto()
    DATE = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the fact in it, and what kind that is."""

    header: str
    fact: str
    kind: Kind = Kind.TEXT


Columns = tuple[Column, ...]

_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("day", "start", "end", "last_accessed"), Kind.DATE),
        **dict.fromkeys(("assigned_at", "unassigned_at"), Kind.MOMENT),
        **dict.fromkeys(
            ("quantity", "left", "reserved", "tokens", "hours", "days_used", "days_inactive", "monthly_average"),
            Kind.NUMBER,
        ),
    }
)


def _columns(names: Iterable[tuple[str, str]]) -> Columns:
    return tuple(Column(header, fact, _KINDS.get(fact, Kind.TEXT)) for header, fact in names)


_SUBSCRIPTIONS = (
    "subscription_id", "offering", "contract", "quantity", "status", "term", "start", "end", "autorenew",
    "reseller_name", "reseller_email", "team",
)  # fmt: skip
_USERS = ("person_id", "email", "first_name", "last_name", "role", "offering", "product", "team")
_USAGE = (
    "day", "product", "product", "version", "access", "pseudonym", "team", "person_id", "email", "first_name",
    "last_name",
)  # fmt: skip
_USAGE_REPORT = (
    "pseudonym", "first_name", "last_name", "email", "person_id", "team", "group", "product", "version", "assignment",
    "assigned_at", "unassigned_at", "activity", "days_inactive", "access", "days_used", "monthly_average", "tokens",
    "last_accessed",
)  # fmt: skip
_BY_DAY = ("day", "email", "first_name", "last_name", "product", "feature", "team", "tokens")


def _named(headers: str, facts: tuple[str, ...]) -> Columns:
    """Return the columns of a list of headers, parted by commas, over as many facts."""
    return _columns(zip((name.strip() for name in headers.split(",")), facts, strict=True))


_Y2022 = {
    ReportType.SUBSCRIPTIONS: _named(
        "subscription_id, offering_name, contract_number, seat_quantity, subscription_status, term, start_date, "
        "end_date, autorenew_date, reseller_name, reseller_email, team_alias",
        _SUBSCRIPTIONS,
    ),
    ReportType.USERS: _named(
        "autodesk_id, email, first_name, last_name, role, offering_name, product_name, team_alias", _USERS
    ),
    ReportType.USAGE: _named(
        "day_used, offering_name, product_name, version, access_option, hashed_autodesk_id, team_alias, autodesk_id, "
        "email, first_name, last_name",
        _USAGE,
    ),
    ReportType.USAGE_REPORT: _named(
        "hashed_autodesk_id, first_name, last_name, email, autodesk_id, team_alias, group, offering_name, version, "
        "seat_assignment, assigned_date, unassigned_date, user_activity, days_inactive, access_option, days_used, "
        "monthly_average, tokens_used, last_accessed",
        _USAGE_REPORT,
    ),
}
_Y2025 = {
    ReportType.SUBSCRIPTIONS: _named(
        "Subscription ID, Offering, Contract number, Seat quantity, Subscription status, Term, Start date, End date, "
        "Autorenew date, Reseller name, Reseller email, Team",
        _SUBSCRIPTIONS,
    ),
    ReportType.USERS: _named(
        "Autodesk ID, Email, First name, Last name, Role, Offering, Product, Team, Account status",
        (*_USERS, "status"),
    ),
    ReportType.USAGE: _named(
        "Day used, Product, Feature, Version, Access option, Hashed Autodesk ID, Tokens used, Team, Autodesk ID, "
        "Email, First name, Last name",
        (
            "day", "product", "feature", "version", "access", "pseudonym", "tokens", "team", "person_id", "email",
            "first_name", "last_name",
        ),
    ),
    ReportType.USAGE_REPORT: _named(
        "Hashed Autodesk ID, First name, Last name, Email, Autodesk ID, Team, Group, Product, Version, "
        "Seat assignment, Assigned date, Unassigned date, User activity, Days inactive, Access option, Days used, "
        "Monthly average, Tokens used, Last accessed",
        _USAGE_REPORT,
    ),
    **dict.fromkeys(
        (ReportType.TOKEN_USAGE, ReportType.SEAT_USAGE),
        _named("Day used, Email, First name, Last name, Product, Feature, Team, Tokens used", _BY_DAY),
    ),
}  # fmt: skip
_OWN = {
    ReportType.SUBSCRIPTIONS: _named(
        "team, contractNumber, tokenPool, subscriptionId, orderNumber, startDate, endDate, status, tokensBought, "
        "tokensLeft, tokensReserved",
        (
            "team", "contract", "pool", "subscription_id", "order", "start", "end", "status", "quantity", "left",
            "reserved",
        ),
    ),
    ReportType.USERS: _named(
        "team, userName, hashedUserId, name, role, accountStatus, accessOption, productLineCode, productName, since",
        (
            "team", "user_name", "pseudonym", "name", "role", "status", "access", "code", "product", "assigned_at",
        ),
    ),
    ReportType.USAGE_REPORT: _named(
        "team, userName, hashedUserId, productLineCode, productName, productVersion, seatAssignment, assignedDate, "
        "unassignedDate, userActivity, daysInactive, accessOption, daysUsed, monthlyAverage, tokensConsumed, "
        "lastAccessed",
        (
            "team", "user_name", "pseudonym", "code", "product", "version", "assignment", "assigned_at",
            "unassigned_at", "activity", "days_inactive", "access", "days_used", "monthly_average", "tokens",
            "last_accessed",
        ),
    ),
    ReportType.SEAT_USAGE: _named(
        "team, contractNumber, usageDate, userName, hashedUserId, productLineCode, productName, productVersion, "
        "accessOption, usageHours",
        (
            "team", "contract", "day", "user_name", "pseudonym", "code", "product", "version", "access", "hours",
        ),
    ),
}  # fmt: skip

COLUMNS: Mapping[Schema, Mapping[ReportType, Columns]] = MappingProxyType(
    {
        Schema.FAREBOX_1: MappingProxyType(_OWN),
        Schema.Y2022: MappingProxyType(_Y2022),
        Schema.Y2025: MappingProxyType(_Y2025),
    }
)
"""The columns of each report; those of Usage in Farebox's own schema are an answer of the usage API (`answered.py`)."""
