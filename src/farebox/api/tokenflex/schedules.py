"""`/tokenflex/v1/export/{contract}/schedules`: exports that are made again and again (usage-api 6.9)."""

# ruff: noqa: N815 -- members are called what they are called on the wire

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from farebox.api.declared import Body
from farebox.api.tokenflex.answers import answers
from farebox.api.tokenflex.app import AskedRequest
from farebox.api.tokenflex.asker import writes
from farebox.domain.clock import as_iso
from farebox.domain.errors import Rejected
from farebox.domain.schedules import DATE_RANGE, Kind, Level, Wanted, offered
from farebox.services import schedule
from farebox.services.schedule import Order, Planned
from farebox.wallclock import now

router = Router(tags=["Export schedules"])

OBJECTS_MAX = 20
"""Objects that one schedule may list, and levels that one object may."""


def _frequency(text: str) -> str:
    """Return a cron expression that makes sense, as it was sent."""
    try:
        schedule.check(text, now=now())
    except Rejected as error:
        (problem,) = error.problems
        raise PydanticCustomError(problem.code, "{says}", {"says": problem.message}) from error
    return text


def _listed(found: Any) -> Any:
    """Return a lone object as a list of one: the published pages have it both ways (usage-api 10)."""
    return [found] if isinstance(found, dict) else found


class ScheduleObject(Body):
    """A kind of usage, and how far it is added up: one export for each level."""

    usageCategory: Kind = Field(
        strict=False,
        description="CLOUD is both CLOUD_SERVICE and CLOUD_PRODUCT; the latter has no Transactional export.",
    )
    aggregationLevel: list[Annotated[Level, Field(strict=False)]] = Field(
        min_length=1, max_length=OBJECTS_MAX, description="How far it is added up; an export for each."
    )

    @property
    def wanted(self) -> Wanted:
        """What it asks for."""
        return Wanted(self.usageCategory, tuple(self.aggregationLevel))


def _offered(asked: ScheduleObject) -> ScheduleObject:
    kind, levels = asked.wanted
    if not any(offered(category, level) for category in kind.categories for level in levels):
        raise PydanticCustomError("not_offered", "CLOUD_PRODUCT has no Transactional export; ask for Daily or Monthly")
    return asked


Objects = Annotated[
    list[Annotated[ScheduleObject, AfterValidator(_offered)]],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=OBJECTS_MAX),
]


class ScheduleBody(Body):
    """A schedule as it is sent; what the server adds to one may be sent back with it, and is ignored."""

    dateRangeExpression: Literal["Previous-1-Month"] = Field(description="The whole calendar month before, in UTC.")
    frequencyExpression: Annotated[str, AfterValidator(_frequency)] = Field(
        description="Cron in UTC: second minute hour day-of-month month day-of-week.", examples=["0 0 18 5 * *"]
    )
    scheduleObjects: Objects = Field(description="What is exported: a list, or one object.")
    enableFlag: str = Field(default="N", description="Y for on; anything else is off.")
    scheduleID: Any = Field(None, description="Ignored: the server adds it.")
    scheduleId: Any = Field(None, description="Ignored: the server adds it.")
    lastRanDate: Any = Field(None, description="Ignored: the server adds it.")
    nextRunDate: Any = Field(None, description="Ignored: the server adds it.")
    lastError: Any = Field(None, description="Ignored: the server adds it.")

    @property
    def order(self) -> Order:
        """What is asked for."""
        return Order(
            frequency=self.frequencyExpression,
            enabled=self.enableFlag == "Y",
            wanted=tuple(one.wanted for one in self.scheduleObjects),
        )


class ScheduleAnswer(Schema):
    """A schedule."""

    dateRangeExpression: str = Field(description="The days of each export: Previous-1-Month.")
    enableFlag: Literal["Y", "N"] = Field(description="Y: it runs; N: it is off.")
    frequencyExpression: str = Field(description="Cron in UTC, as it was sent.")
    scheduleObjects: list[ScheduleObject] = Field(description="What is exported.")
    scheduleID: str = Field(description="By which it is named in addresses.")
    lastRanDate: str | None = Field(description="The latest time for which exports were requested.")
    nextRunDate: str = Field(description="The next time for which exports are due, were it on.")
    lastError: str = Field(default="", description="Why the latest run requested nothing; left out where it did.")


@router.get(
    "/export/{contract_number}/schedules",
    response=answers(list[ScheduleAnswer]),
    exclude_unset=True,
    operation_id="listSchedules",
    summary="List your schedules",
)
def listed(request: AskedRequest, contract_number: str) -> list[dict[str, Any]]:
    """Return the schedules that you made in the team of the contract, the oldest first."""
    asker = request.auth
    return [_shown(one) for one in schedule.schedules_of(asker.user, asker.contract(contract_number), now=now())]


@router.post(
    "/export/{contract_number}/schedules",
    response=answers(ScheduleAnswer),
    exclude_unset=True,
    auth=writes,
    operation_id="makeSchedule",
    summary="Make a schedule",
)
def made(request: AskedRequest, contract_number: str, body: ScheduleBody) -> dict[str, Any]:
    """Have exports made again and again, of the contract that is active at each run."""
    asker = request.auth
    return _shown(schedule.make(asker.user, asker.contract(contract_number), body.order, now=now()))


@router.get(
    "/export/{contract_number}/schedules/{schedule_id}",
    response=answers(ScheduleAnswer),
    exclude_unset=True,
    operation_id="getSchedule",
    summary="Get a schedule",
)
def got(request: AskedRequest, contract_number: str, schedule_id: str) -> dict[str, Any]:
    """Return one of your schedules."""
    asker = request.auth
    return _shown(schedule.schedule_of(asker.user, asker.contract(contract_number), schedule_id, now=now()))


@router.put(
    "/export/{contract_number}/schedules/{schedule_id}",
    response=answers(ScheduleAnswer),
    exclude_unset=True,
    auth=writes,
    operation_id="replaceSchedule",
    summary="Replace a schedule",
)
def replaced(request: AskedRequest, contract_number: str, schedule_id: str, body: ScheduleBody) -> dict[str, Any]:
    """Put another order in the place of a schedule's: all of it, and what is left out is as in a new one."""
    asker = request.auth
    return _shown(schedule.replace(asker.user, asker.contract(contract_number), schedule_id, body.order, now=now()))


@router.delete(
    "/export/{contract_number}/schedules/{schedule_id}",
    response=answers(None),
    auth=writes,
    operation_id="deleteSchedule",
    summary="Delete a schedule",
)
def ended(request: AskedRequest, contract_number: str, schedule_id: str) -> Status[None]:
    """End a schedule; the exports that it made stay."""
    asker = request.auth
    schedule.end(asker.user, asker.contract(contract_number), schedule_id, now=now())
    return Status(HTTPStatus.NO_CONTENT, None)


def _shown(planned: Planned) -> dict[str, Any]:
    """Return a schedule in the members of the API."""
    order = planned.order
    return {
        "dateRangeExpression": DATE_RANGE,
        "enableFlag": "Y" if order.enabled else "N",
        "frequencyExpression": order.frequency,
        "scheduleObjects": [
            {"usageCategory": one.kind.value, "aggregationLevel": [level.value for level in one.levels]}
            for one in order.wanted
        ],
        "scheduleID": planned.id,
        "lastRanDate": None if planned.last is None else as_iso(planned.last),
        "nextRunDate": as_iso(planned.next),
    } | ({"lastError": planned.error} if planned.error else {})
