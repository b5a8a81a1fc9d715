"""Exports: asked for, written by a job, downloaded through links that expire, and removed in the end (usage-api 6)."""

from farebox.records.exports import EXPIRED
from farebox.records.models.exports import ExportState, Origin
from farebox.services.export.asking import (
    DEFAULT_NAME,
    OUTSTANDING_MAX,
    Shown,
    Whose,
    delete,
    find,
    listed,
    mark_read,
    request,
    request_report,
    retry,
)
from farebox.services.export.history import REASONS, Made, history, made
from farebox.services.export.links import LINK_SECONDS, Download, Link, link_to, opened
from farebox.services.export.making import Runner
from farebox.services.export.named import has_names
from farebox.services.export.sweeping import sweep

__all__ = [
    "DEFAULT_NAME",
    "EXPIRED",
    "LINK_SECONDS",
    "OUTSTANDING_MAX",
    "REASONS",
    "Download",
    "ExportState",
    "Link",
    "Made",
    "Origin",
    "Runner",
    "Shown",
    "Whose",
    "delete",
    "find",
    "has_names",
    "history",
    "link_to",
    "listed",
    "made",
    "mark_read",
    "opened",
    "request",
    "request_report",
    "retry",
    "sweep",
]
