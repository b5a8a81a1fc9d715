"""Every field of the usage data API, declared once (usage-api 2)."""

from __future__ import annotations

from farebox.query.codes import CHARGE_CATEGORIES, POOLS, USAGE_CATEGORIES, USAGE_TYPES
from farebox.query.declarations import (
    ALL,
    CLOUD_PRODUCT,
    CLOUD_SERVICE,
    DESKTOP,
    MANUAL,
    N_,
    Field,
    Kind,
    Lookup,
)

_PRODUCT_CODE = Lookup(table="dim_product", key="product_id", shown="code")
_PRODUCT_NAME = Lookup(table="dim_product", key="product_id", shown="name", unique=False)
_PERSON = Lookup(table="dim_person", key="person_id", shown="name", hidden="pseudonym", across=False)
_PSEUDONYM = Lookup(table="dim_person", key="person_id", shown="pseudonym")
_LABEL = Lookup(table="dim_label", key="label_id", shown="text", across=False)
_MACHINE = Lookup(table="dim_label", key="label_id", shown="text", hidden="pseudonym", across=False)

GENERAL = (
    Field(
        name="productLineCode", label=N_("Product line code"), kind=Kind.TEXT,
        doc="Product line code (PLC).", example="RVT",
        categories=ALL, sql="fact.product_id", lookup=_PRODUCT_CODE,
    ),
    Field(
        name="productName", label=N_("Product"), kind=Kind.TEXT,
        doc="Product name. Products that share a name are one group.", example="Revit",
        categories=ALL, sql="fact.product_id", lookup=_PRODUCT_NAME,
    ),
    Field(
        name="userName", label=N_("User"), kind=Kind.TEXT,
        doc="Login or e-mail address of the person; the pseudonym where names are hidden.", example="ann.ek",
        categories=ALL, sql="fact.person_id", lookup=_PERSON,
    ),
    Field(
        name="hashedUserId", label=N_("Pseudonym"), kind=Kind.TEXT,
        doc="Pseudonym of the person in the team, the same whether names are hidden or not.", example="u-3f9ac1d27b04",
        categories=ALL, sql="fact.person_id", lookup=_PSEUDONYM,
    ),
    Field(
        name="usageDate", label=N_("Date"), kind=Kind.DATE,
        doc="Date of usage.", example="2025-03-04",
        categories=ALL, sql="fact.usage_date",
    ),
    Field(
        name="usageMonth", label=N_("Month"), kind=Kind.MONTH,
        doc="Month of the usage date, as the first of the month.", example="2025-03-01",
        categories=ALL, sql="date_trunc('month', fact.usage_date)",
    ),
    Field(
        name="contractYear", label=N_("Contract year"), kind=Kind.INTEGER,
        doc="Contract year that the usage falls under, counted from 1.", example="2",
        categories=ALL, sql="fact.contract_year",
    ),
    Field(
        name="usageCategory", label=N_("Usage category"), kind=Kind.ENUM,
        doc="Kind of usage.", example="CLOUD_SERVICE",
        categories=ALL, sql="fact.usage_category", codes=USAGE_CATEGORIES,
    ),
    Field(
        name="chargedItemID", label=N_("Charged item"), kind=Kind.ITEM,
        doc="Id of the row: a session's part, a transaction or a job.", example="RXHK18CZRMES",
        categories=ALL, export_only=True, sql="fact.charge_id",
    ),
    Field(
        name="tokenPool", label=N_("Token pool"), kind=Kind.ENUM,
        doc="Pool that the tokens are drawn from: contract year (CY), multi-year (MY), Flex packs or credits. "
        "Published for manual adjustments; accepted with every category.",
        example="CY", categories=ALL, sql="fact.pool", codes=POOLS,
    ),
)  # fmt: skip

DESKTOP_FIELDS = (
    Field(
        name="chargeCategory", label=N_("Charge category"), kind=Kind.ENUM,
        doc="How the row was charged.", example="CHARGED",
        categories=DESKTOP | CLOUD_PRODUCT | CLOUD_SERVICE, export_only=True,
        sql="fact.charge_category", codes=CHARGE_CATEGORIES,
    ),
    Field(
        name="sessionStartDate", label=N_("Session start"), kind=Kind.MOMENT,
        doc="Start of the row's part of the session, in UTC, without a suffix.", example="2025-03-04T09:12:00",
        categories=DESKTOP, export_only=True, nullable=True, sql="fact.since_us - fact.since_us % 1000000",
    ),
    Field(
        name="sessionEndDate", label=N_("Session end"), kind=Kind.MOMENT,
        doc="End of the row's part of the session, in UTC, without a suffix.", example="2025-03-04T10:40:00",
        categories=DESKTOP, export_only=True, nullable=True, sql="fact.until_us - fact.until_us % 1000000",
    ),
    Field(
        name="productVersion", label=N_("Version"), kind=Kind.TEXT,
        doc="Product version.", example="2026",
        categories=DESKTOP, sql="fact.version_id", lookup=_LABEL,
    ),
    Field(
        name="productFeatureCode", label=N_("Feature code"), kind=Kind.TEXT,
        doc="Product feature code (PFC).", example="88888RVT_2026_0F",
        categories=DESKTOP, sql="fact.feature_id", lookup=_LABEL,
    ),
    Field(
        name="machineName", label=N_("Machine"), kind=Kind.TEXT,
        doc="Name of the machine; its pseudonym where names are hidden.", example="WS-114",
        categories=DESKTOP, sql="fact.machine_id", lookup=_MACHINE,
    ),
    Field(
        name="licenseServerName", label=N_("Licence server"), kind=Kind.TEXT,
        doc="Name of the licence server's machine.", example="LIC-01",
        categories=DESKTOP, sql="fact.server_id", lookup=_LABEL,
    ),
    Field(
        name="licenseServerTimeZoneOffset", label=N_("Licence server's offset"), kind=Kind.OFFSET,
        doc="How far the licence server's clock is from UTC.", example="+1:00",
        categories=DESKTOP, export_only=True, nullable=True, sql="fact.offset_seconds",
    ),
    Field(
        name="usageType", label=N_("Licence use"), kind=Kind.ENUM,
        doc="Whether the licence was used in place or borrowed.", example="Normal",
        categories=DESKTOP, sql="fact.usage_type", codes=USAGE_TYPES,
    ),
)  # fmt: skip

CLOUD_FIELDS = (
    Field(
        name="hubId", label=N_("Hub id"), kind=Kind.TEXT,
        doc="Id of the hub.", example="hub-204",
        categories=CLOUD_PRODUCT, export_only=True, sql="fact.hub_id", lookup=_LABEL,
    ),
    Field(
        name="hubName", label=N_("Hub"), kind=Kind.TEXT,
        doc="Name of the hub.", example="Bridges",
        categories=CLOUD_PRODUCT, export_only=True, sql="fact.hub_name_id", lookup=_LABEL,
    ),
    Field(
        name="projectId", label=N_("Project id"), kind=Kind.TEXT,
        doc="Id of the project.", example="project-31",
        categories=CLOUD_PRODUCT, export_only=True, sql="fact.project_id", lookup=_LABEL,
    ),
    Field(
        name="projectName", label=N_("Project"), kind=Kind.TEXT,
        doc="Name of the project.", example="North bridge",
        categories=CLOUD_PRODUCT, export_only=True, sql="fact.project_name_id", lookup=_LABEL,
    ),
    Field(
        name="jobStatus", label=N_("Job status"), kind=Kind.TEXT,
        doc="How the job ended.", example="Success",
        categories=CLOUD_SERVICE, export_only=True, sql="fact.job_status_id", lookup=_LABEL,
    ),
)  # fmt: skip

MANUAL_FIELDS = (
    Field(
        name="transactionDate", label=N_("Transaction date"), kind=Kind.DATE,
        doc="Date of the manual entry.", example="2025-03-04",
        categories=MANUAL, export_only=True, nullable=True, sql="fact.transaction_date",
    ),
    Field(
        name="reasonType", label=N_("Reason"), kind=Kind.TEXT,
        doc="Reason of the manual entry.", example="Off network",
        categories=MANUAL, sql="fact.reason_type_id", lookup=_LABEL,
    ),
    Field(
        name="reasonComment", label=N_("Comment"), kind=Kind.TEXT,
        doc="Comment on the manual entry.", example="pilot refund",
        categories=MANUAL, export_only=True, sql="fact.reason_comment_id", lookup=_LABEL,
    ),
)  # fmt: skip

CUSTOM_LABELS = (
    N_("Custom field 1"), N_("Custom field 2"), N_("Custom field 3"), N_("Custom field 4"), N_("Custom field 5"),
    N_("Custom field 6"), N_("Custom field 7"), N_("Custom field 8"), N_("Custom field 9"), N_("Custom field 10"),
)  # fmt: skip

CUSTOM_FIELDS = tuple(
    Field(
        name=f"customField{place}", label=label, kind=Kind.TEXT,
        doc=f"Custom field {place}; the contract's own name for it is accepted too.", example="Lund",
        categories=ALL, sql=f"fact.custom_{place}", lookup=_LABEL,
    )
    for place, label in enumerate(CUSTOM_LABELS, 1)
)  # fmt: skip

FIELDS = GENERAL + CUSTOM_FIELDS + DESKTOP_FIELDS + CLOUD_FIELDS + MANUAL_FIELDS
