"""What may be asked of `reminders`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.reminders import SequencePatch, SequenceView
from trunkline_client.transport import AsyncAsking, Json, part


class AsyncRemindersOperations(AsyncAsking):
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
