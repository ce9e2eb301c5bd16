"""The reminders of one appointment, together."""

from datetime import datetime

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.calls.views import CallView
from api.http.schema import JsonObject, Moment, Request, View
from policy.model.call import Outcome


class SequencePatch(Request):
    """Another time of the appointment; the calls that wait move with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name], "properties": {name: {"type": kind}}}
                for name, kind in (("appointmentAt", "string"), ("context", "object"))
            ],
            "examples": [
                {
                    "appointmentAt": "2027-03-04T10:00:00-05:00",
                    "context": {"appointment": "Thursday at ten"},
                }
            ],
        }
    )

    appointment_at: Moment | None = Field(default=None, description="With an offset.")
    context: JsonObject | None = Field(
        default=None, description="Merged, key by key, into that of the calls that wait."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "SequencePatch":
        if self.appointment_at is None and self.context is None:
            raise PydanticCustomError("missing", "appointmentAt or context is needed")
        return self


class SequenceView(View):
    """A sequence: `remind` as it was asked for, and the calls that were made of it.

    A reminder that was in the past already has no call. `outcome`: what the reminder that reached
    the person came to.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sequenceId": "b1b8ad2c-37b4-4f7f-9f6b-7e6a2d0c9a10",
                    "appointmentAt": "2027-03-04T15:00:00Z",
                    "remind": ["PT24H", "PT2H"],
                    "outcome": None,
                    "createdTime": "2027-02-27T20:11:09Z",
                    "updatedTime": "2027-02-27T20:11:09Z",
                    "calls": [],
                }
            ]
        }
    )

    sequence_id: str
    appointment_at: datetime
    remind: list[str]
    outcome: Outcome | None
    created_time: datetime
    updated_time: datetime
    calls: list[CallView]
