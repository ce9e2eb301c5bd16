"""What may be asked of `calls`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
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
from trunkline_client.transport import AsyncAsking, Json, new_key, part, under


class AsyncCallsOperations(AsyncAsking):
    async def get_sequence(self, sequence_id: str) -> SequenceView:
        """The reminders of an appointment, the first one first."""
        return await self._ask(SequenceView, "GET", f"/api/v1/calls/sequences/{part(sequence_id)}")

    async def change_sequence(self, sequence_id: str, body: SequencePatch | Json) -> SequenceView:
        """Move the appointment, and with it every reminder that waits."""
        return await self._ask(
            SequenceView, "PATCH", f"/api/v1/calls/sequences/{part(sequence_id)}", body=body
        )

    async def cancel_sequence(self, sequence_id: str) -> SequenceView:
        """Cancel every reminder that waits. One that is in progress goes on to its end."""
        return await self._ask(
            SequenceView, "DELETE", f"/api/v1/calls/sequences/{part(sequence_id)}"
        )

    async def list_recordings(self, call_id: str) -> RecordingList:
        """Which attempts of a call were recorded, and where their sound is."""
        return await self._ask(RecordingList, "GET", f"/api/v1/calls/{part(call_id)}/recordings")

    async def hear_recording(
        self, call_id: str, attempt: int, *, range: str | None = None
    ) -> bytes:
        """The sound of a recording, passed on from the carrier; 410 once it was removed."""
        return await self._ask(
            bytes,
            "GET",
            f"/api/v1/calls/{part(call_id)}/recordings/{part(attempt)}",
            headers={"range": range},
        )

    async def list_calls(
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
        return await self._ask(
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

    async def create_call(
        self, body: CallRequest | Json, *, idempotency_key: str | None = None
    ) -> CallView:
        """Accept a call. It is committed before this answers, whatever happens afterwards."""
        return await self._ask(
            CallView, "POST", "/api/v1/calls", body=body, key=idempotency_key or new_key()
        )

    async def preview_call(self, body: CallRequest | Json) -> CallPreviewView:
        """What would become of a call: refused, as here, dialed, or to wait, and for what."""
        return await self._ask(CallPreviewView, "POST", "/api/v1/calls/preview", body=body)

    async def list_queue(
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
        return await self._ask(
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

    async def count_statuses(
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
        return await self._ask(
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

    async def get_call(self, call_id: str) -> CallDetail:
        """One call with its attempts, its decisions and its events in order."""
        return await self._ask(CallDetail, "GET", f"/api/v1/calls/{part(call_id)}")

    async def change_call(self, call_id: str, body: CallPatch | Json) -> CallView:
        """Change a call that waits: its priority, deadline, context or pathway. 409 once it is
        dialed.
        """
        return await self._ask(CallView, "PATCH", f"/api/v1/calls/{part(call_id)}", body=body)

    async def cancel_call(self, call_id: str) -> CallView:
        """Cancel a call. 202 while its phone rings, which is stopped, and while its workflow
        cannot be reached; 409 once somebody is on the line.
        """
        return await self._ask(CallView, "DELETE", f"/api/v1/calls/{part(call_id)}")

    async def reschedule_call(self, call_id: str, body: RescheduleRequest | Json) -> CallView:
        """Give a call that waits another earliest time."""
        return await self._ask(
            CallView, "POST", f"/api/v1/calls/{part(call_id)}/reschedule", body=body
        )

    async def hang_up_call(self, call_id: str) -> CallView:
        """Hang up a live call. Its end is recorded when the carrier confirms it."""
        return await self._ask(CallView, "POST", f"/api/v1/calls/{part(call_id)}/hangup")

    async def iter_calls(
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
    ) -> AsyncIterator[CallView]:
        """Goes through `list_calls`, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_calls(
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
            for row in page.calls:
                yield row
            cursor = page.next_cursor
            if cursor is None:
                return

    async def iter_queue(
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
    ) -> AsyncIterator[QueuedCallView]:
        """Goes through `list_queue`, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_queue(
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
            for row in page.calls:
                yield row
            cursor = page.next_cursor
            if cursor is None:
                return
