"""What may be asked of `calls`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from trunkline_client.models.calls import (
    CallDetail,
    CallList,
    CallPatch,
    CallPreviewView,
    CallRequest,
    CallView,
    QueuedCallView,
    QueueList,
    RecordingList,
    RescheduleRequest,
    SequencePatch,
    SequenceView,
    Statistics,
)
from trunkline_client.models.shared import CallStatus, Outcome
from trunkline_client.transport import Asking, Json, new_key, part, under


class CallsOperations(Asking):
    def get_sequence(self, sequence_id: str) -> SequenceView:
        """The reminders of an appointment, the first one first."""
        return self._ask(SequenceView, "GET", f"/api/v1/calls/sequences/{part(sequence_id)}")

    def change_sequence(self, sequence_id: str, body: SequencePatch | Json) -> SequenceView:
        """Move the appointment, and with it every reminder that waits."""
        return self._ask(
            SequenceView, "PATCH", f"/api/v1/calls/sequences/{part(sequence_id)}", body=body
        )

    def cancel_sequence(self, sequence_id: str) -> SequenceView:
        """Cancel every reminder that waits. One that is in progress goes on to its end."""
        return self._ask(SequenceView, "DELETE", f"/api/v1/calls/sequences/{part(sequence_id)}")

    def list_recordings(self, call_id: str) -> RecordingList:
        """Which attempts of a call were recorded, and where their sound is."""
        return self._ask(RecordingList, "GET", f"/api/v1/calls/{part(call_id)}/recordings")

    def hear_recording(self, call_id: str, attempt: int, *, range: str | None = None) -> bytes:
        """The sound of a recording, passed on from the carrier; 410 once it was removed."""
        return self._ask(
            bytes,
            "GET",
            f"/api/v1/calls/{part(call_id)}/recordings/{part(attempt)}",
            headers={"range": range},
        )

    def list_calls(
        self,
        *,
        skip: int | None = None,
        take: int | None = None,
        cursor: str | None = None,
        call_id: str | None = None,
        agent_id: str | None = None,
        status: Sequence[CallStatus] | None = None,
        endpoint: str | None = None,
        endpoint_part: str | None = None,
        campaign_id: str | None = None,
        outcome: Outcome | None = None,
        from_date: datetime | str | None = None,
        to_date: datetime | str | None = None,
        additional_data: Mapping[str, str] | None = None,
    ) -> CallList:
        """Calls, newest first. Also filters by `additionalData.<key>=<value>`."""
        return self._ask(
            CallList,
            "GET",
            "/api/v1/calls",
            query={
                "skip": skip,
                "take": take,
                "cursor": cursor,
                "callId": call_id,
                "agentId": agent_id,
                "status": status,
                "endpoint": endpoint,
                "endpointPart": endpoint_part,
                "campaignId": campaign_id,
                "outcome": outcome,
                "fromDate": from_date,
                "toDate": to_date,
                **under(additional_data),
            },
        )

    def create_call(
        self, body: CallRequest | Json, *, idempotency_key: str | None = None
    ) -> CallView:
        """Accept a call. It is committed before this answers, whatever happens afterwards."""
        return self._ask(
            CallView, "POST", "/api/v1/calls", body=body, key=idempotency_key or new_key()
        )

    def preview_call(self, body: CallRequest | Json) -> CallPreviewView:
        """What would become of a call: refused, as here, dialed, or to wait, and for what."""
        return self._ask(CallPreviewView, "POST", "/api/v1/calls/preview", body=body)

    def list_queue(
        self,
        *,
        skip: int | None = None,
        take: int | None = None,
        cursor: str | None = None,
        call_id: str | None = None,
        agent_id: str | None = None,
        status: Sequence[CallStatus] | None = None,
        endpoint: str | None = None,
        endpoint_part: str | None = None,
        campaign_id: str | None = None,
        outcome: Outcome | None = None,
        from_date: datetime | str | None = None,
        to_date: datetime | str | None = None,
        additional_data: Mapping[str, str] | None = None,
    ) -> QueueList:
        """Calls that wait or are about to be dialed, with their places in line."""
        return self._ask(
            QueueList,
            "GET",
            "/api/v1/calls/queue/list",
            query={
                "skip": skip,
                "take": take,
                "cursor": cursor,
                "callId": call_id,
                "agentId": agent_id,
                "status": status,
                "endpoint": endpoint,
                "endpointPart": endpoint_part,
                "campaignId": campaign_id,
                "outcome": outcome,
                "fromDate": from_date,
                "toDate": to_date,
                **under(additional_data),
            },
        )

    def count_statuses(
        self,
        *,
        call_id: str | None = None,
        agent_id: str | None = None,
        status: Sequence[CallStatus] | None = None,
        endpoint: str | None = None,
        endpoint_part: str | None = None,
        campaign_id: str | None = None,
        outcome: Outcome | None = None,
        from_date: datetime | str | None = None,
        to_date: datetime | str | None = None,
        additional_data: Mapping[str, str] | None = None,
    ) -> Statistics:
        """How many calls have each status."""
        return self._ask(
            Statistics,
            "GET",
            "/api/v1/calls/statistics/statuses",
            query={
                "callId": call_id,
                "agentId": agent_id,
                "status": status,
                "endpoint": endpoint,
                "endpointPart": endpoint_part,
                "campaignId": campaign_id,
                "outcome": outcome,
                "fromDate": from_date,
                "toDate": to_date,
                **under(additional_data),
            },
        )

    def get_call(self, call_id: str) -> CallDetail:
        """One call with its attempts, its decisions and its events in order."""
        return self._ask(CallDetail, "GET", f"/api/v1/calls/{part(call_id)}")

    def change_call(self, call_id: str, body: CallPatch | Json) -> CallView:
        """Change a call that waits: its priority, deadline, context or pathway. 409 once it is
        dialed.
        """
        return self._ask(CallView, "PATCH", f"/api/v1/calls/{part(call_id)}", body=body)

    def cancel_call(self, call_id: str) -> CallView:
        """Cancel a call. 202 while its phone rings, which is stopped, and while its workflow
        cannot be reached; 409 once somebody is on the line.
        """
        return self._ask(CallView, "DELETE", f"/api/v1/calls/{part(call_id)}")

    def reschedule_call(self, call_id: str, body: RescheduleRequest | Json) -> CallView:
        """Give a call that waits another earliest time."""
        return self._ask(CallView, "POST", f"/api/v1/calls/{part(call_id)}/reschedule", body=body)

    def hang_up_call(self, call_id: str) -> CallView:
        """Hang up a live call. Its end is recorded when the carrier confirms it."""
        return self._ask(CallView, "POST", f"/api/v1/calls/{part(call_id)}/hangup")

    def iter_calls(
        self,
        *,
        take: int | None = None,
        call_id: str | None = None,
        agent_id: str | None = None,
        status: Sequence[CallStatus] | None = None,
        endpoint: str | None = None,
        endpoint_part: str | None = None,
        campaign_id: str | None = None,
        outcome: Outcome | None = None,
        from_date: datetime | str | None = None,
        to_date: datetime | str | None = None,
        additional_data: Mapping[str, str] | None = None,
    ) -> Iterator[CallView]:
        """Goes through `list_calls`, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_calls(
                take=take,
                call_id=call_id,
                agent_id=agent_id,
                status=status,
                endpoint=endpoint,
                endpoint_part=endpoint_part,
                campaign_id=campaign_id,
                outcome=outcome,
                from_date=from_date,
                to_date=to_date,
                additional_data=additional_data,
                cursor=cursor,
            )
            yield from page.calls
            cursor = page.next_cursor
            if cursor is None:
                return

    def iter_queue(
        self,
        *,
        take: int | None = None,
        call_id: str | None = None,
        agent_id: str | None = None,
        status: Sequence[CallStatus] | None = None,
        endpoint: str | None = None,
        endpoint_part: str | None = None,
        campaign_id: str | None = None,
        outcome: Outcome | None = None,
        from_date: datetime | str | None = None,
        to_date: datetime | str | None = None,
        additional_data: Mapping[str, str] | None = None,
    ) -> Iterator[QueuedCallView]:
        """Goes through `list_queue`, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_queue(
                take=take,
                call_id=call_id,
                agent_id=agent_id,
                status=status,
                endpoint=endpoint,
                endpoint_part=endpoint_part,
                campaign_id=campaign_id,
                outcome=outcome,
                from_date=from_date,
                to_date=to_date,
                additional_data=additional_data,
                cursor=cursor,
            )
            yield from page.calls
            cursor = page.next_cursor
            if cursor is None:
                return
