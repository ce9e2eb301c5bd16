"""What an attempt, and each number of a person who has several, look like from outside."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from api.http.schema import JsonObject, View
from policy.model.call import AttemptResult, AttemptState, NumberType
from storage.tables import Attempt


class CallNumberView(View):
    """One of the numbers of a person who has several, with what was said of it alone."""

    endpoint: str
    extension: str | None = Field(default=None, max_length=11)
    type: NumberType | None = None
    recipient: JsonObject
    hours: JsonObject | None = None
    consent: JsonObject | None = None


class AttemptView(View):
    """One line of the dial ledger. `recordingUrl` is a path of this API.

    `sipCode` is that of the response that ended the leg, if the carrier told it. `dialedAt` is when
    the dial was planned, `sendingAt` when it had passed the last look at all that could forbid it,
    `sentAt` when the carrier was known to have it.
    """

    number: int
    to_number: int | None = Field(
        default=None,
        description="Of a person with several: which of `numbers` was dialed, counted from 1.",
    )
    state: AttemptState
    result: AttemptResult | None
    carrier_sid: str | None
    carrier_status: str | None
    sip_code: int | None = None
    error_code: int | None
    error: str | None
    answered_by: str | None
    person_at: datetime | None = Field(
        description="When a key, speech or an outcome proved a person, whatever answeredBy says."
    )
    message_left: bool | None
    recording_url: str | None
    duration_seconds: int | None
    dialed_at: datetime
    sending_at: datetime | None
    sent_at: datetime | None
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    settled_at: datetime | None


def number_view(entry: JsonObject) -> CallNumberView:
    """An entry of `numbers_spec` as the API shows it."""
    shown = {name: entry[name] for name in CallNumberView.model_fields if name in entry}
    return CallNumberView(**{"recipient": {}, **shown})


def attempt_fields(attempt: Attempt, numbers: Sequence[str] = ()) -> JsonObject:
    """An attempt's columns as `AttemptView` and what is made of it have them.

    `numbers`: all of the person's, if there are several.
    """
    names = AttemptView.model_fields.keys() - {"to_number", "recording_url"}
    to = attempt.to_endpoint
    return {
        **{name: getattr(attempt, name) for name in names},
        "to_number": numbers.index(to) + 1 if to in numbers else None,
        "recording_url": recording_path(attempt),
    }


def recording_path(attempt: Attempt) -> str | None:
    """Where this API has the attempt's recording: the carrier's own address is never told."""
    if attempt.recording_sid is None:
        return None
    return f"/api/v1/calls/{attempt.call_id}/recordings/{attempt.number}"
