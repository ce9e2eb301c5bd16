"""A request that names an appointment becomes several calls: a reminder each, one sequence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.calls.schemas import CallOptions
from api.http.problems import invalid, refused
from api.http.schema import JsonObject
from policy.model.call import Refusal
from policy.model.reasons import RefusalCode
from policy.reminders import Reminder, plan, repeated
from storage.calls.startable import start_columns
from storage.tables import specs
from storage.tables.columns import new_id

#: What a reminder's times come from its appointment instead of.
_TIMES = ("callDeadline", "schedule.notBefore")


@dataclass(frozen=True, slots=True)
class RequestedCalls:
    """The calls that a request asks for, as columns: one, or one a reminder, the first first."""

    rows: list[JsonObject]
    sequence: JsonObject | None = None
    places: tuple[int, ...] = ()

    def named(self, refusal: Refusal, index: int) -> Refusal:
        """What speaks against the call at `index`, with the field of the request at fault."""
        if self.sequence is None or refusal.field not in _TIMES:
            return refusal
        return replace(refusal, field=f"remind.{self.places[index]}")


def with_reminders(
    request: CallOptions, row: JsonObject, appointment_at: datetime | None, now: datetime
) -> RequestedCalls:
    """`row`: the columns of the call without its reminders. Raises a Problem."""
    if request.remind is None and appointment_at is None:
        return RequestedCalls([{**row, **start_columns(row["not_before"], row["timezone"], now)}])
    remind = _checked(request)
    assert appointment_at is not None
    ahead = planned(appointment_at, remind, now, "remind")
    sequence: JsonObject = {
        "sequence_id": new_id(),
        "account_id": row["account_id"],
        "appointment_at": appointment_at,
        "remind": remind,
        "created_time": now,
        "updated_time": now,
    }
    rows = [_reminder(row, sequence, remind[one.place], one, now) for one in ahead]
    return RequestedCalls(rows, sequence, tuple(one.place for one in ahead))


def planned(
    appointment_at: datetime, remind: Sequence[str], now: datetime, field: str
) -> list[Reminder]:
    """The reminders that are still ahead; refuses, with `field`, if there is none."""
    ahead = plan(appointment_at, [specs.duration(text) for text in remind], now)
    if not ahead:
        message = "All reminders would have been due already."
        raise refused([Refusal(RefusalCode.REMINDERS_PAST, field, message)])
    return ahead


def _reminder(
    row: JsonObject, sequence: JsonObject, before: str, times: Reminder, now: datetime
) -> JsonObject:
    return {
        **row,
        "call_id": new_id(),
        "sequence_id": sequence["sequence_id"],
        "remind_before": before,
        "not_before": times.not_before,
        "call_deadline": times.deadline,
        **start_columns(times.not_before, row["timezone"], now),
    }


def _checked(request: CallOptions) -> list[str]:
    if request.appointment_at is None:
        raise invalid("required", "appointmentAt", "Reminders need the time of the appointment.")
    if request.remind is None:
        raise invalid("required", "remind", "Say how long before the appointment to call.")
    schedule = request.schedule
    said: tuple[Any, ...] = (request.call_deadline, schedule and schedule.not_before)
    for field, value in zip(_TIMES, said, strict=True):
        if value is not None:
            message = "The times of reminders come from appointmentAt and remind."
            raise invalid("set_by_reminders", field, message)
    twice = repeated([specs.duration(text) for text in request.remind])
    if twice is not None:
        message = "An earlier reminder comes at the same time."
        raise invalid("not_distinct", f"remind.{twice}", message)
    return request.remind
