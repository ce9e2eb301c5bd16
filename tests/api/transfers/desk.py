"""A call whose script puts callees through, and what the carrier asks meanwhile."""

import re
from dataclasses import dataclass
from typing import Any

from storage.tables import Attempt
from tests.api.world import SID, Json, World

V1 = "/api/v1"
TARGET_SID = "CA" + "2" * 32
TARGET: Json = {
    "name": "desk",
    "endpoint": "+12125550140",
    "timezone": "America/New_York",
    "hours": {"mon": [{"start": "09:00", "end": "17:00"}]},
}
SCRIPT: Json = {
    "name": "desk",
    "kind": "script",
    "definition": {
        "variables": ["name"],
        "start": "ask",
        "nodes": {
            "ask": {
                "kind": "gather",
                "text": "Press 1 for a person.",
                "numDigits": 1,
                "branches": [{"digits": "1", "next": "desk"}],
                "otherwise": "bye",
            },
            "desk": {"kind": "transfer", "target": "desk", "next": "bye", "otherwise": "later"},
            "later": {"kind": "say", "text": "Nobody is there.", "next": "message"},
            "message": {"kind": "take_message", "text": "Leave a message.", "next": "bye"},
            "bye": {"kind": "hang_up", "text": "Goodbye."},
        },
    },
}
#: Callees who have pressed and said nothing are put through.
AT_ONCE: Json = {
    "name": "at once",
    "kind": "script",
    "definition": {
        "start": "desk",
        "nodes": {
            "desk": {"kind": "transfer", "target": "desk", "otherwise": "bye"},
            "bye": {"kind": "hang_up", "text": "Sorry, nobody is there."},
        },
    },
}
AGENT: Json = {
    "name": "ai",
    "kind": "conversation_relay",
    "definition": {
        "url": "wss://ai.example.com/relay",
        "welcomeGreeting": "Hello.",
        "transfers": ["desk"],
    },
}


@dataclass
class Desk:
    """One answered leg. Each method is a request of the carrier's."""

    world: World
    call_id: str
    attempt: Attempt

    @classmethod
    async def of(
        cls, world: World, pathway: Json, target: Json | None = None, **call: Any
    ) -> "Desk":
        await world.post(f"{V1}/transfer-targets", {**TARGET, **(target or {})})
        made = await world.post(f"{V1}/pathways", pathway)
        agent = await world.agent(pathwayId=made["pathwayId"], voicemail=None)
        call_id = await world.call(agentId=agent, **call)
        attempt = await world.dial(call_id)
        return cls(world, call_id, attempt)

    async def answered(self) -> str:
        return await self.world.voice(self.attempt.token)

    async def pressed(self, digits: str, node: str = "ask") -> str:
        answer = await self.world.callback(
            "gather", self.attempt.token, f"node={node}", Digits=digits
        )
        return str(answer.text)

    async def asked(self, document: str, **form: str) -> str:
        """The carrier goes where the document leads."""
        found = re.search(r"/twilio/transfer/[^<]+", document)
        assert found is not None, document
        path, _, query = found[0].replace("&amp;", "&").partition("?")
        token = path.removeprefix("/twilio/transfer/")
        answer = await self.world.callback(
            "transfer", token, query, CallStatus="in-progress", **form
        )
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def of_transfer(self, document: str) -> str:
        found = re.search(rf"{self.attempt.token}/([0-9a-f-]{{36}})/(over|hold)", document)
        assert found is not None, document
        return found[1]

    async def whispered(self, transfer_id: str, step: str = "whisper", **form: str) -> str:
        fields = {"CallSid": TARGET_SID, "ParentCallSid": SID, **form}
        token = f"{self.attempt.token}/{transfer_id}/{step}"
        return str((await self.world.callback("transfer", token, **fields)).text)

    async def held(self, transfer_id: str, number: int = 0) -> str:
        """The callee of a warm one asks how it goes on."""
        token = f"{self.attempt.token}/{transfer_id}/hold"
        answer = await self.world.callback(
            "transfer", token, f"held={number}", CallStatus="in-progress"
        )
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    async def met(self, transfer_id: str) -> None:
        """Both are in the conference."""
        token = f"{self.attempt.token}/{transfer_id}/conference"
        fields = {"ConferenceSid": "CF" + "1" * 32, "StatusCallbackEvent": "conference-start"}
        assert (await self.world.callback("transfer", token, **fields)).status_code == 204

    async def over(self, transfer_id: str, status: str, turns: int = 1, **form: str) -> str:
        token = f"{self.attempt.token}/{transfer_id}/over"
        fields = {"DialCallStatus": status, "DialCallSid": TARGET_SID, **form}
        answer = await self.world.callback("transfer", token, f"turns={turns}", **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    async def transfers(self) -> list[Json]:
        answer = await self.world.http.get(f"{V1}/transfers?callId={self.call_id}")
        found: list[Json] = answer.json()["transfers"]
        return found

    async def events(self) -> list[str]:
        view = await self.world.view(self.call_id)
        return [one["type"] for one in view["events"] if "transfer" in one["type"]]
