"""
Who may do what with which table, and which of its rows belong to whom: the one list from which all rights are made.

A table that is missing here is nobody's but the owner's, and a test names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

TEAM = "(SELECT nullif(current_setting('farebox.team', true), '')::bigint)"
"""The team that the transaction acts for; without one it is NULL, and no row is its."""


class Belongs(StrEnum):
    """How a row tells whose it is."""

    SELF = "id = {team}"
    TEAM = "team_id = {team}"
    COUNTED = "team IN ({team}, 0) AND {team} IS NOT NULL"
    """A count of what was sent: of the team, or of nobody known."""
    CONTRACT = "EXISTS (SELECT 1 FROM records_contract o WHERE o.id = {table}.contract_id)"
    PERSON = "EXISTS (SELECT 1 FROM records_person o WHERE o.id = {table}.person_id)"
    EVENT = "EXISTS (SELECT 1 FROM records_event o WHERE o.id = {table}.event_id)"
    QUERY = "EXISTS (SELECT 1 FROM records_storedquery o WHERE o.id = {table}.query_id)"
    HOLD = "EXISTS (SELECT 1 FROM records_hold o WHERE o.id = {table}.hold_id)"
    EXPORT = "EXISTS (SELECT 1 FROM records_exportrequest o WHERE o.id = {table}.export_id)"
    GROUP = "EXISTS (SELECT 1 FROM records_group o WHERE o.id = {table}.group_id)"
    CHAIN = "chain = {team}"
    """A part of a team's log; the installation's own is nobody's."""
    ALL = ""
    """It is the installation's."""

    def condition(self, table: str) -> str:
        """Return it as SQL; what is asked of another table is answered by that table's own condition."""
        return self.value.format(team=TEAM, table=table)


class Rights(NamedTuple):
    """
    What roles may do with a table: r read, a append, w change every column, d delete, as PostgreSQL abbreviates.

    `changes` are the columns that both roles may change, `jobs_changes` those that only the jobs may. What holds
    secrets is not for readers.
    """

    belongs: Belongs
    app: str
    jobs: str
    changes: tuple[str, ...] = ()
    jobs_changes: tuple[str, ...] = ()
    secret: bool = False


_CATALOGUE = Rights(Belongs.ALL, "r", "rawd")
_SIGN_IN = Rights(Belongs.ALL, "rawd", "rawd", secret=True)
_OAUTH = Rights(Belongs.TEAM, "rawd", "rawd", secret=True)
_FIXED = Rights(Belongs.ALL, "r", "r")

TABLES: Mapping[str, Rights] = {
    # teams, their people and their settings
    "records_team": Rights(Belongs.SELF, "r", "raw"),
    "records_membership": Rights(Belongs.TEAM, "r", "rawd"),
    "records_handover": Rights(Belongs.TEAM, "r", "raw"),
    "records_person": Rights(Belongs.TEAM, "ra", "raw"),
    "records_assignment": Rights(Belongs.PERSON, "r", "rawd"),
    "records_group": Rights(Belongs.TEAM, "r", "rawd"),
    "records_groupmember": Rights(Belongs.GROUP, "r", "rawd"),
    "records_groupassignment": Rights(Belongs.GROUP, "r", "rawd"),
    "records_defaultproduct": Rights(Belongs.TEAM, "r", "rawd"),
    "records_entitlement": Rights(Belongs.PERSON, "r", "rawd"),
    "records_contract": Rights(Belongs.TEAM, "r", "raw"),
    "records_contractfield": Rights(Belongs.CONTRACT, "r", "rawd"),
    "records_enrichment": Rights(Belongs.CONTRACT, "r", "rad"),
    "records_policy": Rights(Belongs.CONTRACT, "r", "raw"),
    "records_source": Rights(Belongs.TEAM, "r", "raw", secret=True),
    "records_label": Rights(Belongs.TEAM, "ra", "ra"),
    # what was sent and what it cost
    "records_event": Rights(
        Belongs.TEAM,
        "ra",
        "ra",
        ("revision", "kind", "state", "problem", "fingerprint", "payload", "received_us"),
    ),
    "records_eventrevision": Rights(Belongs.EVENT, "ra", "ra"),
    "records_intake": Rights(
        Belongs.COUNTED, "ra", "ra", ("received", "accepted", "duplicate", "rejected", "quarantined")
    ),
    "records_use": Rights(Belongs.CONTRACT, "ra", "ra", ("ended_us", "open", "late")),
    "records_charge": Rights(Belongs.CONTRACT, "ra", "ra", ("ended_us", "shortfall_micro", "over_micro")),
    "records_window": Rights(Belongs.CONTRACT, "rad", "rad"),
    "records_hold": Rights(Belongs.CONTRACT, "ra", "ra", ("ended_us", "booked")),
    "records_holdpart": Rights(Belongs.HOLD, "ra", "ra"),
    "records_livesession": Rights(
        Belongs.TEAM,
        "ra",
        "ra",
        ("seen_us", "check_us", "closed_us", "active", "idles", "denied_us", "event"),
    ),
    "records_denial": Rights(Belongs.TEAM, "ra", "ra", jobs_changes=("person",)),
    # the books
    "records_pack": Rights(Belongs.CONTRACT, "ra", "ra", ("left_micro", "reserved_micro", "lapsed_micro", "swept")),
    "records_account": Rights(Belongs.TEAM, "ra", "ra"),
    "records_ledgerhead": Rights(Belongs.TEAM, "ra", "ra", ("number", "booked_us"), ("sealed",)),
    "records_entry": Rights(Belongs.TEAM, "ra", "ra"),
    "records_link": Rights(Belongs.TEAM, "r", "ra"),
    "records_act": Rights(Belongs.TEAM, "ra", "ra"),
    "records_audit": Rights(Belongs.TEAM, "ra", "ra"),
    "records_auditwaiting": Rights(Belongs.CHAIN, "ra", "rad"),
    "records_auditlink": Rights(Belongs.CHAIN, "r", "ra"),
    # what one operator proposed for another to approve; reasons may name people, so it is not for readers
    "records_proposal": Rights(Belongs.TEAM, "r", "raw", secret=True),
    # tokens offered to another team's primary administrator, by address; the receiver asks as the installation
    "records_tokenoffer": Rights(Belongs.TEAM, "r", "rawd", secret=True),
    # answers that are kept for a while; they hold names as they were shown, so they are not for readers
    "records_storedquery": Rights(Belongs.CONTRACT, "raw", "rawd", secret=True),
    "records_storedpart": Rights(Belongs.QUERY, "ra", "rad", secret=True),
    # exports that are made again and again
    "records_schedule": Rights(Belongs.TEAM, "r", "rawd"),
    "records_schedulerun": Rights(Belongs.TEAM, "r", "rawd"),
    "records_reportschedule": Rights(Belongs.TEAM, "r", "rawd"),
    # files that were asked for; what was asked may name people, so it is not for readers
    "records_exportrequest": Rights(Belongs.CONTRACT, "ra", "rawd", secret=True),
    "records_exportteam": Rights(Belongs.EXPORT, "r", "rad", secret=True),
    # who is asked to join, and mail that waits; what it is about is nobody's report
    "records_invitation": Rights(Belongs.TEAM, "r", "raw", secret=True),
    "records_mail": Rights(Belongs.TEAM, "r", "rawd", secret=True),
    # lists of people that wait to be imported; they hold names and addresses
    "records_peoplelist": Rights(Belongs.TEAM, "r", "rawd", secret=True),
    # the installation's
    "records_family": _CATALOGUE,
    "records_product": _CATALOGUE,
    "records_productcode": _CATALOGUE,
    "records_productversion": _CATALOGUE,
    "records_offer": _CATALOGUE,
    "records_offerproduct": _CATALOGUE,
    "records_ratecard": _CATALOGUE,
    "records_rate": _CATALOGUE,
    "records_counter": Rights(Belongs.ALL, "raw", "raw"),
    "records_batch": Rights(Belongs.ALL, "r", "ra"),
    "records_batchdraft": Rights(Belongs.ALL, "ra", "rad"),
    "records_idempotencykey": Rights(Belongs.ALL, "ra", "ra", secret=True),
    # accounts and signing in
    "records_user": Rights(Belongs.ALL, "raw", "raw", secret=True),
    "records_personaltoken": Rights(Belongs.ALL, "raw", "raw", secret=True),
    "records_application": _OAUTH,
    "records_grant": _OAUTH,
    "records_accesstoken": _OAUTH,
    "records_refreshtoken": _OAUTH,
    "records_idtoken": _OAUTH,
    "oauth2_provider_devicegrant": _SIGN_IN,
    "django_session": _SIGN_IN,
    "records_session": _SIGN_IN,
    "records_ssoconnection": Rights(Belongs.TEAM, "r", "rawd", secret=True),
    "records_ssodomain": Rights(Belongs.TEAM, "r", "rawd"),
    "mfa_authenticator": _SIGN_IN,
    "socialaccount_socialaccount": _SIGN_IN,
    "socialaccount_socialapp": _SIGN_IN,
    "socialaccount_socialtoken": _SIGN_IN,
    "account_emailaddress": _SIGN_IN,
    "account_emailconfirmation": _SIGN_IN,
    # Django's own, written by migrations alone
    "auth_group": _FIXED,
    "auth_group_permissions": _FIXED,
    "auth_permission": _FIXED,
    "django_content_type": _FIXED,
    "django_migrations": _FIXED,
}
