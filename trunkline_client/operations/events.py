"""What may be asked of `events`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from trunkline_client.models.events import EventList, EventPayload
from trunkline_client.models.shared import EventType
from trunkline_client.transport import Asking


class EventsOperations(Asking):
    def list_events(
        self,
        *,
        after: str | None = None,
        since: datetime | str | None = None,
        take: int | None = None,
        mask_numbers: bool | None = None,
        type: Sequence[EventType] | None = None,
        agent_id: str | None = None,
        campaign_id: str | None = None,
        call_id: str | None = None,
    ) -> EventList:
        """Events in their order, for those who cannot be reached by webhooks."""
        return self._ask(
            EventList,
            "GET",
            "/api/v1/events",
            query={
                "after": after,
                "since": since,
                "take": take,
                "maskNumbers": mask_numbers,
                "type": type,
                "agentId": agent_id,
                "campaignId": campaign_id,
                "callId": call_id,
            },
        )

    def iter_events(
        self,
        *,
        after: str | None = None,
        since: datetime | str | None = None,
        take: int | None = None,
        mask_numbers: bool | None = None,
        type: Sequence[EventType] | None = None,
        agent_id: str | None = None,
        campaign_id: str | None = None,
        call_id: str | None = None,
    ) -> Iterator[EventPayload]:
        """Goes through `list_events`, page by page."""
        while True:
            page = self.list_events(
                since=since,
                take=take,
                mask_numbers=mask_numbers,
                type=type,
                agent_id=agent_id,
                campaign_id=campaign_id,
                call_id=call_id,
                after=after,
            )
            yield from page.events
            after, since = page.next, None
            if not page.has_more:
                return
