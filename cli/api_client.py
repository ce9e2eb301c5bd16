"""The demo's side of the REST API: what any client of Trunkline would do."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2

from cli.errors import Unusable

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Contact:
    """One line of the contacts file; `context` holds its other columns."""

    phone: str
    name: str
    context: dict[str, str]


@dataclass(frozen=True)
class CallNow:
    """A call as the list shows it."""

    call_id: str
    status: str
    outcome: str | None
    attempts: int
    why: str

    @property
    def is_over(self) -> bool:
        return self.outcome is not None

    @classmethod
    def of(cls, view: JsonObject) -> Self:
        return cls(
            call_id=view["callId"],
            status=view["status"],
            outcome=view["outcome"],
            attempts=view["attemptCount"],
            why=view["detail"] or view["reason"] or "",
        )


def read_contacts(path: Path) -> list[Contact]:
    """The contacts of a CSV file; raises Unusable."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, restval=""))
    except (OSError, UnicodeError, csv.Error) as error:
        raise Unusable(f"The contacts in {path} cannot be read: {error}.") from error
    if not rows or not {"phone", "name"} <= rows[0].keys():
        raise Unusable(f"{path} needs the columns phone and name, and at least one contact.")
    return [Contact(row["phone"], row["name"], {**row, "phone": ""}) for row in rows]


def read_example(path: Path) -> JsonObject:
    """A request body kept as a file."""
    body: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return body


class DemoClient:
    """Sets up an agent, submits calls, looks at them."""

    def __init__(self, http: httpx2.AsyncClient, carrier_url: str) -> None:
        self._http = http
        self._carrier_url = carrier_url

    async def create_agent(self, agent: JsonObject, pathway: JsonObject) -> JsonObject:
        """The agent, with the pathway as what it says."""
        made = await self._post("/api/v1/pathways", pathway)
        return await self._post("/api/v1/agents", {**agent, "pathwayId": made["pathwayId"]})

    async def let_people_sign_on(self) -> None:
        """By the simulated provider, which lets in whoever is typed."""
        said = {
            "issuer": f"{self._carrier_url}/idp",
            "clientId": "trunkline",
            "domain": "example.com",
            "domainRole": "operator",
        }
        _checked(await self._http.put("/api/v1/single-sign-on", json=said))

    async def count_agents(self) -> int:
        """How many agents there are."""
        answer = await self._http.get("/api/v1/agents", params={"take": "1"})
        return int(_checked(answer)["total"])

    async def submit(self, contact: Contact, agent: JsonObject, number: int) -> CallNow:
        """One call; the caller IDs take turns."""
        callers: Sequence[str] = agent["callerIds"]
        context = {key: text for key, text in contact.context.items() if text}
        body = {
            "agentId": agent["agentId"],
            "endpoint": contact.phone,
            "callerId": callers[number % len(callers)],
            "context": context,
        }
        return CallNow.of(await self._post("/api/v1/calls", body, f"demo-{number}"))

    async def calls(self, agent_id: str) -> dict[str, CallNow]:
        """Every call of the agent as it is now, by its id."""
        found: dict[str, CallNow] = {}
        total = 1
        while len(found) < total:
            page = await self._get(agent_id, skip=len(found))
            views = [CallNow.of(view) for view in page["calls"]]
            found |= {view.call_id: view for view in views}
            total = page["total"] if views else 0
        return found

    async def legs(self) -> Counter[str]:
        """How many calls the carrier ever created to each number: the truth about phones."""
        answer = await self._http.get(f"{self._carrier_url}/_sim/calls")
        return Counter(call["to"] for call in _checked(answer)["calls"])

    async def _get(self, agent_id: str, skip: int) -> JsonObject:
        query = {"agentId": agent_id, "skip": str(skip), "take": "200"}
        return _checked(await self._http.get("/api/v1/calls", params=query))

    async def _post(self, path: str, body: JsonObject, key: str | None = None) -> JsonObject:
        headers = {"Idempotency-Key": key} if key else {}
        return _checked(await self._http.post(path, json=body, headers=headers))


def _checked(answer: httpx2.Response) -> JsonObject:
    if not answer.is_success:
        path = answer.request.url.path
        raise Unusable(f"{path} answered {answer.status_code}: {answer.text[:500]}")
    body: JsonObject = answer.json()
    return body
