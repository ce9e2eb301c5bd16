"""What must be said is said first, and whoever asks not to be called again is not."""

from typing import Any
from xml.etree import ElementTree

import pytest

from policy.model.call import Outcome
from policy.pathways.script import LONGEST_TALK, MOST_TURNS
from storage.attempts import attempts
from storage.calls import calls
from storage.tables import Attempt
from tests.api.campaigns.test_campaigns import made
from tests.api.worker import Worker, get
from tests.api.world import ENDPOINT, PATHWAY, Json, World, is_hangup

WRITTEN: Json = {"tier": "written", "method": "web form"}
SALES: Json = {"purpose": "telemarketing", "voicemail": None, "recording": True}
#: What a recorded sales call of the clinic to New York begins with.
SAID = (
    "This is Blue Clinic. You are speaking with an automated assistant. "
    "You can reach us at 1 2 1 2 5 5 5 0 1 0 0. This call is recorded. "
    "To stop these calls, press 9 at any time."
)
GOODBYE = "You will not be called again. Goodbye."
ASK = PATHWAY["definition"]["nodes"]["ask"]
TALK: Json = {
    "start": "hello",
    "variables": ["name"],
    "nodes": {
        "hello": {"kind": "say", "text": "Hello {{name}}.", "next": "ask"},
        "ask": {**ASK, "text": "Will you come?", "otherwise": "again"},
        "again": {
            "kind": "gather",
            "text": "Say yes or no.",
            "input": ["speech"],
            "branches": [
                {"speech": ["yes"], "next": "yes"},
                {"speech": ["no"], "next": "no"},
                {"speech": ["leave me alone"], "next": "out"},
            ],
            "otherwise": "bye",
        },
        "yes": {"kind": "outcome", "outcome": "confirmed", "next": "bye"},
        "no": {"kind": "outcome", "outcome": "declined", "next": "bye"},
        "out": {"kind": "outcome", "outcome": "opted_out", "next": "bye"},
        "bye": {"kind": "hang_up", "text": "Goodbye."},
    },
}


async def agent(world: World, kind: str = "script", definition: Json = TALK, **more: Any) -> str:
    pathway_id = await world.pathway(name=kind, kind=kind, definition=definition)
    return await world.agent(**{**SALES, "pathwayId": pathway_id, **more})


async def rings(world: World, worker: Worker, agent_id: str, **changes: Any) -> Attempt:
    """A call that is decided to be dialed, on its way to the carrier."""
    body = {"agentId": agent_id, "consent": WRITTEN, "allowDuplicate": True, **changes}
    call_id = await world.call(**body)
    assert (await worker.decide(call_id)).attempt_number == 1
    async with world.db.write() as session:
        attempt = await attempts.get(session, call_id, 1)
        assert attempt is not None
        await attempts.begin_sending(session, attempt, world.clock.now)
    return attempt


async def answered(world: World, attempt: Attempt, **form: str) -> str:
    return await world.voice(attempt.token, **form)


async def gathers(world: World, attempt: Attempt, node: str, **form: str) -> str:
    fields = {"CallStatus": "in-progress", **form}
    answer = await world.callback("gather", attempt.token, f"node={node}", **fields)
    assert answer.status_code == 200
    return str(answer.text)


def spoken(twiml: str) -> str:
    """All that is said, one thing after the other."""
    return " ".join(say.text or "" for say in ElementTree.fromstring(twiml).iter("Say"))


def listens(twiml: str) -> list[dict[str, str]]:
    return [dict(one.attrib) for one in ElementTree.fromstring(twiml).iter("Gather")]


def parameters(twiml: str) -> dict[str, str]:
    found = ElementTree.fromstring(twiml).iter("Parameter")
    return {one.attrib["name"]: one.attrib["value"] for one in found}


async def entries(world: World) -> list[tuple[str, str]]:
    found = (await get(world, "suppressions"))["suppressions"]
    return [(one["endpoint"], one["source"]) for one in found]


async def outcome(world: World, call_id: str) -> Outcome | None:
    async with world.db.read() as session:
        call = await calls.load(session, call_id)
    assert call is not None
    return call.reported_outcome


# -- what is said first


async def test_a_script_begins_with_it_and_the_key_works_from_the_first_word_on(
    world: World, worker: Worker
):
    heard = await answered(world, await rings(world, worker, await agent(world)))
    assert spoken(heard) == f"{SAID} Hello Ada Lovelace. Will you come?"
    [gather] = listens(heard)
    assert "dtmf" in gather["input"]
    first = ElementTree.fromstring(heard)[0]
    assert (first.tag, first[0].tag, first[0].text) == ("Gather", "Say", SAID)


async def test_a_script_that_first_listens_for_speech_hears_the_key_too(
    world: World, worker: Worker
):
    nodes = {**TALK["nodes"], "hello": {**TALK["nodes"]["hello"], "next": "again"}}
    script = {**TALK, "nodes": {name: node for name, node in nodes.items() if name != "ask"}}
    attempt = await rings(world, worker, await agent(world, definition=script))
    [gather] = listens(await answered(world, attempt))
    assert gather["input"] == "dtmf speech"
    assert gather["numDigits"] == "1"
    assert GOODBYE in await gathers(world, attempt, "again", Digits="9")


async def test_a_script_that_asks_nothing_leaves_a_moment_for_the_key(world: World, worker: Worker):
    script = {"start": "bye", "nodes": {"bye": {"kind": "hang_up", "text": "Buy now."}}}
    attempt = await rings(world, worker, await agent(world, definition=script))
    heard = await answered(world, attempt)
    assert spoken(heard) == f"{SAID} Buy now."
    [gather] = listens(heard)
    assert gather["action"].endswith("?node=~bye")
    again = await gathers(world, attempt, "~bye", Digits="5")
    assert spoken(again) == "Buy now."
    assert GOODBYE in await gathers(world, attempt, "~bye", Digits="9")
    assert await entries(world) == [(ENDPOINT, "pathway")]


@pytest.mark.parametrize(
    ("kind", "definition", "then"),
    [
        ("twiml_url", {"url": "https://ivr.example/start"}, "Redirect"),
        ("sip", {"uri": "sip:bot@example.org"}, "Dial"),
    ],
)
async def test_a_leg_that_is_handed_over_hears_it_before(
    world: World, worker: Worker, kind: str, definition: Json, then: str
):
    attempt = await rings(world, worker, await agent(world, kind, definition))
    heard = await answered(world, attempt)
    assert spoken(heard) == SAID
    tags = [one.tag for one in ElementTree.fromstring(heard)]
    assert tags[:2] == ["Gather", then]
    onward = await gathers(world, attempt, "~", Digits="5")
    assert (spoken(onward), then in onward) == ("", True)
    assert GOODBYE in await gathers(world, attempt, "~", Digits="9")


async def test_a_relays_greeting_begins_with_it(world: World, worker: Worker):
    definition = {
        "url": "wss://agent.example/relay",
        "welcomeGreeting": "Hello {{name}}.",
        "variables": ["name"],
    }
    agent_id = await agent(world, "conversation_relay", definition)
    heard = await answered(world, await rings(world, worker, agent_id))
    [relay] = ElementTree.fromstring(heard).iter("ConversationRelay")
    assert relay.attrib["welcomeGreeting"] == f"{SAID} Hello Ada Lovelace."
    assert parameters(heard)["notice"] == SAID


async def test_a_stream_is_told_what_to_say_first(world: World, worker: Worker):
    agent_id = await agent(world, "stream", {"url": "wss://agent.example/stream"})
    attempt = await rings(world, worker, agent_id, context={"notice": "forged", "name": "Ada"})
    heard = await answered(world, attempt)
    assert (spoken(heard), parameters(heard)["notice"]) == ("", SAID)


async def test_what_is_too_long_to_hand_over_is_said_before(world: World, worker: Worker):
    words = {"ai": "I am a machine. " * 31, "identity": "This is the Blue Clinic. " * 20}
    identity = {"name": "Blue Clinic", "callbackNumber": "+12125550100", "words": words}
    agent_id = await agent(
        world, "stream", {"url": "wss://agent.example/stream"}, identity=identity
    )
    heard = await answered(world, await rings(world, worker, agent_id))
    assert spoken(heard).count("I am a machine.") == 31
    assert "notice" not in parameters(heard)


async def test_only_what_a_rule_asks_for_is_said(world: World, worker: Worker):
    live = await agent(world, voice="live", purpose="reminder", recording=False)
    heard = await answered(world, await rings(world, worker, live))
    assert spoken(heard) == "Hello Ada Lovelace. Will you come?"
    reminder = await agent(world, purpose="reminder", recording=False)
    attempt = await rings(world, worker, reminder, endpoint="+12125550124")
    heard = await answered(world, attempt, CallSid="CA" + "9" * 32)
    assert "press 9" not in spoken(heard)
    assert spoken(heard).startswith("This is Blue Clinic. You are speaking with an automated")


async def test_the_words_are_the_agents_own(world: World, worker: Worker):
    words = {"identity": "Hier ist {{name}}.", "ai": "Sie sprechen mit einer Maschine."}
    identity = {"name": "Blaue Klinik", "callbackNumber": "+12125550100", "words": words}
    agent_id = await agent(world, identity=identity)
    heard = await answered(world, await rings(world, worker, agent_id))
    assert spoken(heard).startswith("Hier ist Blaue Klinik. Sie sprechen mit einer Maschine. You")


# -- opting out


@pytest.mark.parametrize(
    ("node", "form"),
    [
        ("ask", {"Digits": "9"}),
        ("ask", {"SpeechResult": "Please take me off your list."}),
        ("again", {"Digits": "9"}),
        ("again", {"SpeechResult": "Don’t call me again!"}),
        ("again", {"SpeechResult": "No, stop calling me."}),
        ("again", {"SpeechResult": "Yes yes, remove me please"}),
    ],
)
async def test_a_key_or_words_opt_out_everywhere_at_once(
    world: World, worker: Worker, node: str, form: dict[str, str]
):
    attempt = await rings(world, worker, await agent(world))
    others = [await worker.sleeping(), await worker.queued(agentId=await world.agent())]
    await answered(world, attempt)
    heard = await gathers(world, attempt, node, **form)
    assert spoken(heard) == GOODBYE
    assert "<Hangup" in heard
    assert await entries(world) == [(ENDPOINT, "pathway")]
    assert await outcome(world, attempt.call_id) is Outcome.OPTED_OUT
    assert sorted(world.gateway.replanned) == sorted(others)
    for call_id in others:
        assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED


@pytest.mark.parametrize(
    ("node", "form"),
    [
        ("ask", {"Digits": "9"}),
        ("again", {"SpeechResult": "Please stop calling me"}),
        ("again", {"SpeechResult": "leave me alone"}),
    ],
)
async def test_an_opt_out_that_is_told_after_the_end_of_the_call_counts(
    world: World, worker: Worker, node: str, form: dict[str, str]
):
    attempt = await rings(world, worker, await agent(world))
    other = await worker.sleeping()
    await answered(world, attempt)
    await world.status(attempt.token, "completed")
    await world.settle(attempt)
    assert "<Hangup" in await gathers(world, attempt, node, **form)
    assert await entries(world) == [(ENDPOINT, "pathway")]
    assert world.gateway.replanned == [other]


async def test_the_key_is_listened_for_until_the_end(world: World, worker: Worker):
    attempt = await rings(world, worker, await agent(world))
    await answered(world, attempt)
    [gather] = listens(await gathers(world, attempt, "ask"))
    assert (gather["input"], gather["numDigits"]) == ("dtmf speech", "1")
    heard = await gathers(world, attempt, "again", SpeechResult="yes")
    assert spoken(heard) == "Goodbye."
    [gather] = listens(heard)
    assert gather["action"].endswith("?node=~yes&turns=1")
    assert GOODBYE in await gathers(world, attempt, "~yes", Digits="9")
    assert await outcome(world, attempt.call_id) is Outcome.OPTED_OUT


async def test_the_pathways_own_words_for_it_lead_where_it_says(world: World, worker: Worker):
    attempt = await rings(world, worker, await agent(world))
    await answered(world, attempt)
    heard = await gathers(world, attempt, "again", SpeechResult="leave me alone, stop calling")
    assert spoken(heard) == "Goodbye."
    assert await entries(world) == [(ENDPOINT, "pathway")]


async def test_the_key_works_in_a_script_that_does_not_name_it(world: World, worker: Worker):
    script = {"start": "bye", "nodes": {"bye": {"kind": "hang_up", "text": "See you at ten."}}}
    for n, (definition, node) in enumerate(((TALK, "ask"), (script, "~bye"))):
        endpoint, sid = f"+1212555013{n}", "CA" + f"{n}" * 32
        agent_id = await agent(world, definition=definition, purpose="reminder")
        attempt = await rings(world, worker, agent_id, endpoint=endpoint)
        heard = await answered(world, attempt, CallSid=sid)
        assert "press 9" not in spoken(heard)
        [gather] = listens(heard)
        assert (gather["action"].endswith(f"?node={node}"), "dtmf" in gather["input"]) == (
            True,
            True,
        )
        assert GOODBYE in await gathers(world, attempt, node, CallSid=sid, Digits="9")
        assert await outcome(world, attempt.call_id) is Outcome.OPTED_OUT
        assert (endpoint, "pathway") in await entries(world)


async def test_where_the_pathway_uses_the_key_it_means_what_the_pathway_says(
    world: World, worker: Worker
):
    attempt = await rings(world, worker, await agent(world, definition=NINE, purpose="reminder"))
    heard = await answered(world, attempt)
    assert spoken(heard).endswith("Hello Ada Lovelace. Will you come?")
    assert "Say yes or no." in await gathers(world, attempt, "ask", Digits="9")
    assert await entries(world) == []


async def test_who_opted_out_by_an_agents_report_is_not_called_again(world: World, worker: Worker):
    agent_id = await agent(world, "stream", {"url": "wss://agent.example/stream"})
    attempt = await rings(world, worker, agent_id)
    await answered(world, attempt)
    other = await worker.sleeping()
    await world.post(f"/api/v1/calls/{attempt.call_id}/outcome", {"outcome": "opted_out"}, 200)
    assert await entries(world) == [(ENDPOINT, "agent_report")]
    assert world.gateway.replanned == [other]


# -- what cannot be said is not dialed

NAMED: Json = {"endpoint": ENDPOINT, "context": {"name": "Ada"}}
NINE: Json = {
    **TALK,
    "nodes": {
        **TALK["nodes"],
        "ask": {**TALK["nodes"]["ask"], "branches": [{"digits": "9", "next": "again"}]},
    },
}
OPTS_OUT: Json = {
    **TALK,
    "nodes": {
        **TALK["nodes"],
        "ask": {**TALK["nodes"]["ask"], "branches": [{"digits": "9", "next": "out"}]},
    },
}


async def test_a_pathway_that_uses_the_key_for_something_else_is_refused_with_the_rules_id(
    world: World,
):
    agent_id = await agent(world, definition=NINE)
    body = await world.body(agentId=agent_id, consent=WRITTEN)
    problem = await world.post("/api/v1/calls", body, 422)
    assert (problem["code"], problem["errors"][0]["field"]) == ("cannot_disclose", "agentId")
    assert problem["detail"].startswith("us.federal.opt_out asks for a notice")
    assert "key 9" in problem["detail"]
    campaign = await made(world, agentId=agent_id, contacts=[NAMED], defaults={"consent": WRITTEN})
    path = f"/api/v1/campaigns/{campaign['campaignId']}/preflight"
    found = await world.post(path, {}, 200)
    assert found["reasons"] == {"cannot_disclose": 1}
    assert found["rows"][0]["detail"].startswith("us.federal.opt_out asks for a notice")
    # For a reminder nobody has to be told of the key.
    await world.call(agentId=agent_id, purpose="reminder")


async def test_a_pathway_whose_key_opts_out_itself_will_do(world: World, worker: Worker):
    attempt = await rings(world, worker, await agent(world, definition=OPTS_OUT))
    await answered(world, attempt)
    assert spoken(await gathers(world, attempt, "ask", Digits="9")) == "Goodbye."
    assert await entries(world) == [(ENDPOINT, "pathway")]


@pytest.mark.parametrize(
    ("identity", "rule"),
    [
        (None, "us.federal.identity"),
        ({"name": "Blue Clinic"}, "us.federal.identity"),
    ],
)
async def test_an_agent_that_cannot_say_who_calls_is_refused_with_the_rules_id(
    world: World, identity: Json | None, rule: str
):
    agent_id = await agent(world, identity=identity)
    body = await world.body(agentId=agent_id, consent=WRITTEN)
    problem = await world.post("/api/v1/calls", body, 422)
    assert problem["code"] == "cannot_disclose"
    assert problem["detail"].startswith(f"{rule} asks for a notice")


async def test_a_call_whose_agent_lost_its_name_meanwhile_is_not_dialed(
    world: World, worker: Worker
):
    agent_id = await world.agent()
    call_id = await worker.sleeping(agentId=agent_id)
    answer = await world.http.patch(f"/api/v1/agents/{agent_id}", json={"identity": None})
    assert answer.status_code == 200
    assert world.gateway.replanned == [call_id]
    decision = await worker.decide(call_id)
    assert (decision.outcome, decision.reason) == (Outcome.SUPPRESSED, "cannot_disclose")


# -- every loop has an end


def _asks_at(twiml: str) -> str | None:
    """Where what is pressed next goes: the query of the gather."""
    gathers_ = listens(twiml)
    return gathers_[0]["action"].split("?node=")[1] if gathers_ else None


async def _pressing(world: World, attempt: Attempt, **form: str) -> list[str]:
    """What is heard by somebody who goes on answering the same until the leg is hung up."""
    heard = [await answered(world, attempt)]
    while (query := _asks_at(heard[-1])) is not None:
        assert len(heard) < 300
        heard.append(await gathers(world, attempt, query, **form))
    return heard


async def _reports(world: World, call_id: str) -> int:
    events = (await get(world, f"calls/{call_id}"))["events"]
    return sum(event["type"] == "call.outcome_reported" for event in events)


async def test_a_goodbye_that_keys_cut_short_is_said_three_times_and_reported_once(
    world: World, worker: Worker
):
    nodes = {
        "yes": {"kind": "outcome", "outcome": "confirmed", "next": "bye"},
        "bye": {"kind": "hang_up", "text": "Goodbye."},
    }
    agent_id = await agent(world, definition={"start": "yes", "nodes": nodes})
    attempt = await rings(world, worker, agent_id)
    heard = await _pressing(world, attempt, Digits="5")
    assert [spoken(one).count("Goodbye.") for one in heard] == [1, 1, 1, 0]
    assert "<Hangup" in heard[-1]
    assert await _reports(world, attempt.call_id) == 1


async def test_a_question_that_leads_to_itself_is_not_asked_for_ever(world: World, worker: Worker):
    ask = {**ASK, "otherwise": "ask"}
    script = {**TALK, "nodes": {**TALK["nodes"], "ask": ask}}
    del script["nodes"]["again"]
    del script["nodes"]["out"]
    attempt = await rings(world, worker, await agent(world, definition=script))
    heard = await _pressing(world, attempt, Digits="5")
    assert len(heard) == MOST_TURNS + 2
    assert is_hangup(heard[-1])


async def test_a_script_asks_nothing_more_after_its_longest_time_but_hears_the_opt_out(
    world: World, worker: Worker
):
    attempt = await rings(world, worker, await agent(world))
    await answered(world, attempt)
    world.clock.pass_(seconds=LONGEST_TALK + 1)
    assert is_hangup(await gathers(world, attempt, "ask"))
    assert GOODBYE in await gathers(world, attempt, "ask", Digits="9")
    assert await entries(world) == [(ENDPOINT, "pathway")]


async def test_an_answer_that_the_carrier_tells_three_times_is_reported_once(
    world: World, worker: Worker
):
    attempt = await rings(world, worker, await agent(world))
    await answered(world, attempt)
    for _ in range(3):
        await gathers(world, attempt, "ask", Digits="1")
    assert await _reports(world, attempt.call_id) == 1
