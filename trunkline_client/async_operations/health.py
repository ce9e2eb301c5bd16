"""What may be asked of `health`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.health import Health, Ready
from trunkline_client.transport import AsyncAsking


class AsyncHealthOperations(AsyncAsking):
    async def get_health(self) -> Health:
        """The process is alive. Workers ask it where the carrier would: below /twilio/."""
        return await self._ask(Health, "GET", "/healthz")

    async def get_readiness(self) -> Ready:
        """Whether calls can be accepted and carried out: database, Temporal, a polling worker,
        and a worker for each of the loops.
        """
        return await self._ask(Ready, "GET", "/readyz")
