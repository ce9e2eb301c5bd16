"""A rehearsal says what a call would: the same words, the same outcome; and changes nothing."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from sqlmodel import select

from storage.accounts import accounts
from storage.calls import calls
from storage.tables import Account, Attempt
from tests.api.world import PATHWAY, World
from tests.telephony.twiml.test_rehearsal import NODES

PATHWAYS = "/api/v1/pathways"
EXAMPLE = json.loads((Path(__file__).parents[3] / "examples/appointment-reminder.json").read_text())
SCRIPTS: Mapping[str, Any] = {
    "example": EXAMPLE["definition"],
    "transfers": {"start": "hello", "nodes": NODES, "variables": ["name"]},
}
WANTING = {
    "start": "hello",
    "nodes": {**NODES, "hello": {"kind": "say", "text": "On {{day}}?", "next": "ask"}},
    "variables": ["day"],
}
CONTEXT = {"name": "Ada", "appointment": "Monday at nine"}
STEPS = ("1", "2", "3", "9", "7", "1234", "say:yes", "say:never call me again", "say:hm", "silence")


class Phone:
    """A callee on a real call: hears documents, and answers with the next step."""

    def __init__(self, world: World, attempt: Attempt, steps: list[str]) -> None:
        self.world, self.attempt, self.steps = world, attempt, list(steps)
        self.said: list[str] = []

    async def listen(self) -> None:
        document = await self.world.voice(self.attempt.token, "held=3")
        while document:
            document = await self._through(ElementTree.fromstring(document))

    async def _through(self, document: Element) -> str:
        for verb in document:
            self.said += [say.text or "" for say in verb.iter("Say")]
            if verb.tag == "Gather":
                is_aside = "node=~" in verb.attrib["action"] or "node=%7E" in verb.attrib["action"]
                if not self.steps and not is_aside:
                    return ""
                answer = self._answer(verb)
                if answer:
                    return await self._post(verb.attrib["action"], **answer)
            if verb.tag == "Redirect":
                if self.steps:
                    self.steps.pop(0)
                return await self._post(verb.text or "")
        return ""

    def _answer(self, gather: Element) -> dict[str, str]:
        step = self.steps[0] if self.steps else "silence"
        if step.isdecimal():
            most = gather.get("numDigits")
            return {"Digits": self.steps.pop(0)[: int(most) if most else None]}
        if step.startswith("say:") and "speech" in gather.attrib["input"]:
            return {"SpeechResult": self.steps.pop(0).removeprefix("say:"), "Confidence": "0.9"}
        return {}

    async def _post(self, url: str, **form: str) -> str:
        path, _, query = url.partition("?")
        token = path.partition("/twilio/gather/")[2]
        return str((await self.world.callback("gather", token, query, **form)).text)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("seed", range(6))
async def test_what_is_rehearsed_is_what_a_call_says(world: World, name: str, seed: int):
    chance = random.Random(seed)
    steps = chance.choices(STEPS, k=chance.randint(0, 6))
    pathway_id = await world.pathway(definition=SCRIPTS[name])
    agent_id = await world.agent(pathwayId=pathway_id)
    call_id = await world.call(agentId=agent_id, context=CONTEXT)
    attempt = await world.dial(call_id)
    phone = Phone(world, attempt, steps)
    await phone.listen()
    async with world.db.read() as session:
        call = await calls.load(session, call_id)
    assert call is not None
    body = {"steps": steps, "context": CONTEXT, "agentId": agent_id, "notices": [*attempt.notices]}
    found = await world.post(f"{PATHWAYS}/{pathway_id}/rehearsal", body, 200)
    assert [text for turn in found["turns"] for text in turn["said"]] == phone.said
    reported = [turn["outcome"] for turn in found["turns"] if turn["outcome"]]
    assert (reported or [None])[-1] == call.reported_outcome
    assert len(found["unusedSteps"]) == len(phone.steps)


async def test_a_rehearsal_names_what_it_heard_and_what_it_waits_for(world: World):
    pathway_id = await world.pathway(definition=SCRIPTS["transfers"])
    path = f"{PATHWAYS}/{pathway_id}/rehearsal"
    found = await world.post(path, {"context": {"name": "Ada"}, "steps": ["3"]}, 200)
    assert found["question"] == {
        "node": "code",
        "listensFor": ["digits"],
        "keys": ["1234"],
        "phrases": [],
        "timeout": 5,
    }
    assert found["turns"][0]["values"] == {"name": "Ada"}
    assert found["turns"][1] == {
        "step": "3",
        "heardAs": "digits",
        "heard": "3",
        "nodes": ["code"],
        "said": ["Key in your code."],
        "values": {},
        "transferredTo": None,
        "connectedTo": None,
        "outcome": None,
    }


async def test_a_draft_is_rehearsed_and_not_saved(world: World):
    before = (await world.http.get(PATHWAYS)).json()["total"]
    draft = {"kind": "script", "definition": WANTING, "steps": ["1"]}
    found = await world.post(f"{PATHWAYS}/rehearsal", draft, 200)
    assert (found["ending"], found["outcome"]) == ("hung_up", "confirmed")
    assert found["missingVariables"] == ["day"]
    assert (await world.http.get(PATHWAYS)).json()["total"] == before


async def test_a_machine_is_told_what_the_agent_leaves(world: World):
    agent_id = await world.agent(
        voicemail={"action": "leave_message", "message": "Call us back, {{name}}."},
        identity={"name": "Blue Clinic"},
    )
    pathway_id = await world.pathway()
    body = {"agentId": agent_id, "context": {"name": "Ada"}, "steps": ["machine"]}
    body["notices"] = ["identity", "opt_out"]
    found = await world.post(f"{PATHWAYS}/{pathway_id}/rehearsal", body, 200)
    assert found["turns"][0]["said"] == ["This is Blue Clinic. Call us back, Ada."]
    assert (found["ending"], found["outcome"]) == ("left_to_machine", "voicemail")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"steps": ["1"] * 51}, "too_long", "steps"),
        ({"steps": ["1", "what"]}, "malformed", "steps.1"),
        ({"steps": ["1", "machine"]}, "malformed", "steps.1"),
        ({"agentId": "nobody"}, "unknown_agent", "agentId"),
        ({"notices": ["nothing"]}, "unknown_value", "notices.0"),
        ({"context": {"name": "x" * 65536}}, "body_too_large", "context"),
        ({"definition": {"start": "a", "nodes": {}}}, "malformed", "definition.nodes"),
        ({"kind": "poem"}, "unknown_value", "kind"),
        ({"more": 1}, "unknown_field", "more"),
    ],
)
async def test_what_cannot_be_rehearsed_is_told(
    world: World, changes: dict[str, Any], code: str, field: str
):
    draft = {"kind": "script", "definition": PATHWAY["definition"], **changes}
    problem = await world.post(f"{PATHWAYS}/rehearsal", draft, 422)
    assert (problem["errors"][0]["code"], problem["errors"][0]["field"]) == (code, field)


async def test_whoever_may_only_look_may_rehearse_but_not_as_an_agent_they_may_not_see(
    world: World,
):
    agent_id, pathway_id = await world.agent(), await world.pathway()
    async with world.db.write() as session:
        account = (await session.exec(select(Account.account_id))).one()
        _, key = await accounts.new_key(session, account, "few", ["pathways:read"], world.clock.now)
    path, headers = f"{PATHWAYS}/{pathway_id}/rehearsal", {"Authorization": f"Bearer {key}"}
    assert (await world.http.post(path, json={}, headers=headers)).status_code == 200
    refused = await world.http.post(path, json={"agentId": agent_id}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert (await world.http.post(f"{PATHWAYS}/none/rehearsal", json={})).status_code == 404
