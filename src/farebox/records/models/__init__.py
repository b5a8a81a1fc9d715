"""The tables, one module a noun."""

from farebox.records.models.access import DefaultProduct, Group, GroupAssignment, GroupMember
from farebox.records.models.answers import StoredPart, StoredQuery
from farebox.records.models.audit import Audit, AuditLink, AuditWaiting
from farebox.records.models.catalogue import Family, Offer, OfferProduct, Product, ProductCode, ProductVersion
from farebox.records.models.contracts import Contract, ContractField, Policy
from farebox.records.models.enrichment import Enrichment
from farebox.records.models.events import Event, EventRevision, IdempotencyKey, Intake, Source
from farebox.records.models.exports import ExportRequest, ExportTeam
from farebox.records.models.handovers import Handover
from farebox.records.models.invitations import Invitation
from farebox.records.models.ledger import Account, Act, Entry, LedgerHead, Link
from farebox.records.models.live import Denial, Hold, HoldPart, LiveSession
from farebox.records.models.mails import Mail
from farebox.records.models.oauth import AccessToken, Application, Grant, IDToken, RefreshToken
from farebox.records.models.outbox import Batch, BatchDraft, Counter
from farebox.records.models.packs import Pack
from farebox.records.models.people_lists import PeopleList
from farebox.records.models.proposals import Proposal
from farebox.records.models.rates import Rate, RateCard
from farebox.records.models.report_schedules import ReportSchedule
from farebox.records.models.schedules import Schedule, ScheduleRun
from farebox.records.models.single_sign_on import Session, SsoConnection, SsoDomain
from farebox.records.models.teams import Assignment, Entitlement, Membership, Person, Team
from farebox.records.models.token_offers import TokenOffer
from farebox.records.models.usage import Charge, Label, Use, Window
from farebox.records.models.users import PersonalToken, User

__all__ = [
    "AccessToken",
    "Account",
    "Act",
    "Application",
    "Assignment",
    "Audit",
    "AuditLink",
    "AuditWaiting",
    "Batch",
    "BatchDraft",
    "Charge",
    "Contract",
    "ContractField",
    "Counter",
    "DefaultProduct",
    "Denial",
    "Enrichment",
    "Entitlement",
    "Entry",
    "Event",
    "EventRevision",
    "ExportRequest",
    "ExportTeam",
    "Family",
    "Grant",
    "Group",
    "GroupAssignment",
    "GroupMember",
    "Handover",
    "Hold",
    "HoldPart",
    "IDToken",
    "IdempotencyKey",
    "Intake",
    "Invitation",
    "Label",
    "LedgerHead",
    "Link",
    "LiveSession",
    "Mail",
    "Membership",
    "Offer",
    "OfferProduct",
    "Pack",
    "PeopleList",
    "Person",
    "PersonalToken",
    "Policy",
    "Product",
    "ProductCode",
    "ProductVersion",
    "Proposal",
    "Rate",
    "RateCard",
    "RefreshToken",
    "ReportSchedule",
    "Schedule",
    "ScheduleRun",
    "Session",
    "Source",
    "SsoConnection",
    "SsoDomain",
    "StoredPart",
    "StoredQuery",
    "Team",
    "TokenOffer",
    "Use",
    "User",
    "Window",
]
