"""Both ledgers, read over HTTP: ours by the API, the carrier's by its own."""

import asyncio
from typing import Any

import httpx2

JsonObject = dict[str, Any]
_PAGE = 200
_AT_ONCE = 6


class Ledgers:
    """Asked when all is well; what does not answer raises HTTPError."""

    def __init__(self, http: httpx2.AsyncClient, carrier_url: str) -> None:
        self._http = http
        self._carrier_url = carrier_url

    async def dialed(self) -> int:
        """How many legs the carrier has ever made."""
        answer = await self._http.get(f"{self._carrier_url}/_sim/health")
        return int(answer.raise_for_status().json()["calls"])

    async def open_calls(self) -> int:
        """How many calls have not ended."""
        statuses = ("Created", "Queued", "Pending", "InProgress")
        answer = await self._http.get("/api/v1/calls", params={"status": statuses, "take": "1"})
        return int(answer.raise_for_status().json()["total"])

    async def views(self) -> list[JsonObject]:
        """Every call, whole."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def view(call_id: str) -> JsonObject:
            async with limit:
                answer = await self._http.get(f"/api/v1/calls/{call_id}")
                found: JsonObject = answer.raise_for_status().json()
                return found

        return await asyncio.gather(*map(view, await self._call_ids()))

    async def _call_ids(self) -> list[str]:
        found: list[str] = []
        while True:
            query = {"skip": str(len(found)), "take": str(_PAGE)}
            answer = await self._http.get("/api/v1/calls", params=query)
            page = [one["callId"] for one in answer.raise_for_status().json()["calls"]]
            found += page
            if not page:
                return found

    async def legs(self) -> list[JsonObject]:
        """Every leg the carrier ever made: the truth about phones."""
        answer = await self._http.get(f"{self._carrier_url}/_sim/calls")
        legs: list[JsonObject] = answer.raise_for_status().json()["calls"]
        return legs
