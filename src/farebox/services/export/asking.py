"""What people do with their export requests: ask for files, look after them, delete them, ask again."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from farebox.domain.clock import MINUTE, SECOND, Instant
from farebox.domain.errors import Problem, QueryRejected, QuotaExceeded, Rejected
from farebox.domain.report_files import Spec
from farebox.domain.report_files import problems as problems_of
from farebox.query.plan import Question, make_plan
from farebox.query.rules import Surface
from farebox.records import audit, db, exports, idempotency
from farebox.records.models import ExportRequest
from farebox.records.models.exports import ExportState, Origin
from farebox.records.reading import Readable
from farebox.services.export import files

OUTSTANDING_MAX = 50
"""Requests that one person may have under way (usage-api 1.3)."""

RETRY_SECONDS = MINUTE // SECOND

_MENDED = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))
"""Signs that no file has in its name on one system or another, or that mean a folder."""

DEFAULT_NAME = "API_Custom_Export"
NAME_MAX = 150
LISTED_MAX = 10_000
"""Requests that a list gives, the newest of the time asked for."""

Shown = ExportRequest
"""A request, as the edges show it."""


@dataclass(frozen=True, slots=True)
class Whose:
    """
    Who asks, and about which contracts: one that was named, or all that he may read (the contract `null`).

    Without a name it is about what schedules and pages asked for; with one, lists are about what programs asked for.
    """

    user: AbstractBaseUser
    contracts: Sequence[Readable]
    named: bool

    def own(self) -> QuerySet[ExportRequest]:
        """Return the requests that are the asker's own."""
        return self._about(exports.visible(owner_id=self.user.pk, contracts=self._ids()))

    def seen(self) -> QuerySet[ExportRequest]:
        """Return his own requests, and those of others in teams that he leads (quality: authorization matrix)."""
        led = exports.teams_led(self.user.pk)
        return self._about(exports.visible(owner_id=self.user.pk, contracts=self._ids(), teams=led))

    def _ids(self) -> list[int]:
        return [contract.id for contract in self.contracts]

    def _about(self, rows: QuerySet[ExportRequest]) -> QuerySet[ExportRequest]:
        return rows if self.named else rows.exclude(origin=Origin.API)


def request(
    user: AbstractBaseUser, contract: Readable, question: Question, *, name: str = "", key: str = "", now: Instant
) -> ExportRequest:
    """
    Ask for a file with the answer to a question.

    Raises `Rejected` with every problem of the question and the name, `QuotaExceeded` where too many are under way,
    and `Conflict` for a `key` that asked for something else before; the same asked again is the same request (I7),
    and `Rejected` once that was deleted.
    """
    file_name = _checked(contract, question, name)
    asked = {"contract": contract.id, "question": repr(question), "name": file_name}
    scope = f"export:{user.pk}"
    with db.atomic():
        exports.outstanding(user.pk)  # so that the requests of one person follow one another
        known = idempotency.replayed(scope, key, asked)
        if known is not None:
            return _again(known["export"])
        _refuse_more(user.pk)
        made = exports.add(contract_id=contract.id, owner_id=user.pk, question=question, file_name=file_name, now=now)
        idempotency.remember(scope, key, asked, {"export": made.pk}, at=now)
        _note(contract.team_id, "export.request", made, user, now)
    return made


def request_report(
    user: AbstractBaseUser, contracts: Sequence[Readable], spec: Spec, *, key: str = "", now: Instant
) -> ExportRequest:
    """
    Ask for a file of reports about contracts that the asker may read: those of the spec, or all.

    Raises `Rejected` with every problem, `QuotaExceeded` where too many are under way, and `Conflict` for a `key` that
    asked for something else before; the same asked again is the same request (I7).
    """
    problems = problems_of(spec)
    covered = reports_about(spec, contracts)
    if not covered:
        problems.append(Problem("/contracts", "unknown_contract", "there is no such contract, or it is not yours"))
    if problems:
        raise Rejected(problems)
    asked = {"report": repr(spec), "contracts": [one.id for one in covered]}
    scope = f"report:{user.pk}"
    with db.atomic():
        exports.outstanding(user.pk)  # so that the requests of one person follow one another
        known = idempotency.replayed(scope, key, asked)
        if known is not None:
            return _again(known["export"])
        _refuse_more(user.pk)
        made = exports.add_report(
            spec,
            contract_id=covered[0].id,
            teams=[one.team_id for one in covered],
            names=list(dict.fromkeys(one.team for one in covered)),
            owner_id=user.pk,
            now=now,
        )
        idempotency.remember(scope, key, asked, {"export": made.pk}, at=now)
        for team in dict.fromkeys(one.team_id for one in covered):
            _note(team, "export.request", made, user, now)
    return made


def reports_about(spec: Spec, contracts: Sequence[Readable]) -> list[Readable]:
    """Return the contracts that a file is about, of those that may be read; none where one that is named may not."""
    if not spec.contracts:
        return list(contracts)
    found = [one for one in contracts if one.number in spec.contracts]
    return found if len(found) == len(set(spec.contracts)) else []


def find(whose: Whose, key: str) -> ExportRequest:
    """Return one request that the asker may see. Raises `Rejected` for any other, existing or not (T2)."""
    return _one(whose.seen(), key)


def listed(whose: Whose, *, since: Instant, until: Instant) -> list[ExportRequest]:
    """Return what was requested from `since` to before `until`, in that order (usage-api 6.3)."""
    rows = whose.seen().filter(requested_us__gte=since, requested_us__lt=until)
    wanted = rows.filter(origin=Origin.API) if whose.named else rows
    return list(wanted.order_by("-requested_us", "-pk")[:LISTED_MAX])[::-1]


def retry(whose: Whose, key: str) -> ExportRequest:
    """Have a file that failed or expired made again; any other request stays as it is (usage-api 6.7)."""
    row = _one(whose.own().select_related("contract"), key)
    with db.atomic():
        if row.state in (ExportState.FAILED, ExportState.EXPIRED):
            if row.origin == Origin.SCHEDULE:
                _refuse_more_scheduled(row.contract.team_id)
            else:
                _refuse_more(row.owner_id)
            exports.ask_again(row)
    return _one(whose.own(), key)


def delete(whose: Whose, key: str, *, now: Instant) -> None:
    """Delete a request of the asker's own and its file; one that is being written is stopped (usage-api 6.5)."""
    row = _one(whose.own().select_related("contract"), key)
    with db.atomic():
        _note(row.contract.team_id, "export.delete", row, whose.user, now)
        ExportRequest.objects.filter(pk=row.pk).delete()
    files.remove_all(row.pk)


def mark_read(whose: Whose, keys: Sequence[str]) -> list[str]:
    """Mark requests as read and return the keys of those that were not, in the order given (usage-api 6.8)."""
    with db.atomic():
        unread = whose.own().filter(key__in=keys, read=False).select_for_update()
        found = set(unread.values_list("key", flat=True))
        ExportRequest.objects.filter(key__in=found).update(read=True)
    return [key for key in dict.fromkeys(keys) if key in found]


def _checked(contract: Readable, question: Question, name: str) -> str:
    """Return the file's name, after finding every problem of what is asked."""
    problems = list(_name_problems(name))
    try:
        make_plan(question, contract.asker, Surface.EXPORT, lenient=True)
    except QueryRejected as rejected:
        problems += rejected.problems
    if problems:
        raise Rejected(problems)
    stem = name.translate(_MENDED).lstrip(". ").rstrip() or DEFAULT_NAME
    return stem if stem.lower().endswith(".csv") else f"{stem}.csv"


def _name_problems(name: str) -> list[Problem]:
    """Return what is wrong with a name: it goes into a header, and onto somebody's disk."""
    problems = []
    if len(name) > NAME_MAX:
        problems.append(Problem("/downloadFileName", "too_long", f"at most {NAME_MAX} characters"))
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in name):
        message = "a file name has no line breaks and no other signs that control something"
        problems.append(Problem("/downloadFileName", "invalid_value", message))
    return problems


def _refuse_more(owner: int) -> None:
    if exports.outstanding(owner) >= OUTSTANDING_MAX:
        message = f"{OUTSTANDING_MAX} exports are under way; wait until one is done, or delete one"
        raise QuotaExceeded(message, retry_seconds=RETRY_SECONDS)


def _refuse_more_scheduled(team: int) -> None:
    if exports.scheduled(team) >= exports.SCHEDULED_MAX:
        message = f"{exports.SCHEDULED_MAX} exports of the team's schedules are under way; wait until one is done"
        raise QuotaExceeded(message, retry_seconds=RETRY_SECONDS)


def _again(pk: int) -> ExportRequest:
    """Return what was asked for before; a request that was deleted is not made a second time by a repetition (I7)."""
    row = ExportRequest.objects.filter(pk=pk).first()
    if row is None:
        message = "the export that was requested with this key has been deleted; request a new one with another key"
        raise Rejected([Problem("/Idempotency-Key", "request_deleted", message)])
    return row


def _one(rows: QuerySet[ExportRequest], key: str) -> ExportRequest:
    row = rows.filter(key=key).first()
    if row is None:
        hint = "" if "#" in key else "; in an address the # of a key is written %23"
        message = f"there is no such export request, or it is not yours{hint}"
        raise Rejected([Problem("/request_key", "unknown_request", message)])
    return row


def _note(team: int, verb: str, row: ExportRequest, user: AbstractBaseUser, now: Instant) -> None:
    change = audit.Change(team, verb, f"export {row.pk}", {"contract": row.contract_id})
    audit.note([change], f"account {user.pk}", at=now)
