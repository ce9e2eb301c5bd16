"""The calls of a run: a third one by one, a third in bulk, a third as a campaign."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from cli.api_client import read_example
from cli.dev_stack.processes import ROOT

JsonObject = dict[str, Any]
#: Not those of the example's caller IDs.
# fmt: off
_AREA_CODES = (
    201, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228,
    229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301,
    302, 303, 304, 305, 307, 308, 309, 310, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325,
    330, 334, 336, 337, 339, 347, 351, 352, 360, 361, 386, 401, 402, 404, 405, 406, 407, 408, 409,
    410, 412, 413, 414, 417, 419, 423, 424, 425, 432, 434, 435, 440, 443, 469, 478, 479, 480, 484,
    501, 502, 503, 504, 505, 507, 508, 509, 510,
)
# fmt: on
#: Fictional numbers of an area code: 555-0100 to 555-0199. What each does is said by the carrier.
_OF_EACH = 100
MOST_CALLS = len(_AREA_CODES) * _OF_EACH
_BULK_ROWS = 50
_AT_ONCE = 4
_PAUSE_SECONDS = 0.5
_RETRY = {"maxAttempts": 3, "busy": "PT2S", "noAnswer": "PT2S", "networkError": "PT2S"}


def numbers(count: int) -> list[str]:
    """So many different fictional numbers, one area code after the other."""
    return [f"+1{_AREA_CODES[n // _OF_EACH]}55501{n % _OF_EACH:02d}" for n in range(count)]


@dataclass
class Load:
    """Submits, again and again with the same idempotency key until it is told that it is done."""

    http: httpx2.AsyncClient
    agent_id: str = ""
    campaign_id: str = ""
    #: Ids that the API has promised to keep.
    accepted: set[str] = field(default_factory=set)
    #: Answers that are neither a promise nor a clear refusal.
    wrong_answers: list[str] = field(default_factory=list)
    refusals: int = 0
    _share: float = 0.0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    def let(self, share: float) -> None:
        """So much of the calls may be submitted by now: requests, too, are to meet blows."""
        self._share = share
        self._moved.set()
        self._moved = asyncio.Event()

    async def _turn(self, share: float) -> None:
        while self._share < share:
            await self._moved.wait()

    async def prepare(self) -> None:
        """Who calls, and a campaign without contacts."""
        agent = read_example(ROOT / "examples" / "agent.json")
        pathway = read_example(ROOT / "examples" / "appointment-reminder.json")
        pathway_id = (await self._post("/api/v1/pathways", pathway))["pathwayId"]
        limits = {"maxConcurrent": 50, "callsPerMinute": 6000, "retry": _RETRY}
        made = {**agent, "name": "chaos", "pathwayId": pathway_id, **limits}
        self.agent_id = (await self._post("/api/v1/agents", made))["agentId"]
        body = {"name": "chaos", "agentId": self.agent_id, "maxConcurrent": 50}
        self.campaign_id = (await self._post("/api/v1/campaigns", body))["campaignId"]

    async def submit(self, endpoints: Sequence[str]) -> None:
        """All of them; returns when each is promised."""
        third = len(endpoints) // 3
        campaign, rest = endpoints[: len(endpoints) - 2 * third], endpoints[-2 * third :]
        await asyncio.gather(
            self._campaign(campaign), self._bulk(rest[:third]), self._singles(rest[third:])
        )

    async def _singles(self, endpoints: Sequence[str]) -> None:
        each = enumerate(endpoints)
        await asyncio.gather(*(self._single(one, n / len(endpoints)) for n, one in each))

    async def _single(self, endpoint: str, share: float) -> None:
        await self._turn(share)
        async with self._limit:
            body = {"agentId": self.agent_id, "endpoint": endpoint, "context": {"name": "Ada"}}
            answer = await self._post("/api/v1/calls", body, f"call-{endpoint}")
            self.accepted.add(answer["callId"])

    async def _bulk(self, endpoints: Sequence[str]) -> None:
        for first in range(0, len(endpoints), _BULK_ROWS):
            await self._turn(first / len(endpoints))
            rows = [{"endpoint": one} for one in endpoints[first : first + _BULK_ROWS]]
            body = {"agentId": self.agent_id, "calls": rows}
            answer = await self._post("/api/v1/calls/bulk", body, f"bulk-{first}")
            self.accepted.update(row["call"]["callId"] for row in answer["results"])

    async def _campaign(self, endpoints: Sequence[str]) -> None:
        path = f"/api/v1/campaigns/{self.campaign_id}"
        lines = ["Name,Phone", *(f"Contact {n},{one}" for n, one in enumerate(endpoints))]
        await self._sent(
            f"{path}/contacts/upload",
            content="\n".join(lines).encode(),
            headers={"Content-Type": "text/csv"},
        )
        await self._post(f"{path}/start", {})

    async def _post(self, path: str, body: JsonObject, key: str | None = None) -> JsonObject:
        headers = {"Idempotency-Key": key} if key else {}
        return await self._sent(path, json=body, headers=headers)

    async def _sent(self, path: str, **request: Any) -> JsonObject:
        while True:
            try:
                answer = await self.http.post(path, **request)
            except httpx2.HTTPError:
                answer = None
            # A campaign whose start was answered to nobody runs already.
            if answer is not None and (answer.is_success or _is_conflict(answer)):
                body: JsonObject = answer.json()
                return body
            self._note(path, answer)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _note(self, path: str, answer: httpx2.Response | None) -> None:
        """What never answered has promised nothing; a clear refusal says when to come again."""
        self.refusals += 1
        if answer is None:
            return
        if answer.status_code not in (429, 503) or "retry-after" not in answer.headers:
            self.wrong_answers.append(f"{path}: {answer.status_code} {answer.text[:300]}")


def _is_conflict(answer: httpx2.Response) -> bool:
    return answer.status_code == 409 and answer.request.url.path.endswith("/start")
