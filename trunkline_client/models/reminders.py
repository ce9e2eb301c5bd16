"""What is said and answered of `reminders`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Any

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import CallView, Outcome


class SequencePatch(Said):
    """Another time of the appointment; the calls that wait move with it."""

    appointment_at: datetime | str | None = None
    context: dict[str, Any] | None = None


class SequenceView(Answer):
    """A sequence: `remind` as it was asked for, and the calls that were made of it."""

    sequence_id: str
    appointment_at: datetime
    remind: list[str]
    outcome: Outcome | str | None
    created_time: datetime
    updated_time: datetime
    calls: list[CallView]
