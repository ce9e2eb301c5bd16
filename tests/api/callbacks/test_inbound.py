"""/twilio/inbound: people who call or write to a caller ID."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from policy.model.call import DecisionKind, Outcome
from storage.tables import Account, Agent, Inbound, Suppression
from tests.api.worker import Worker, get
from tests.api.world import CALLER_ID, ENDPOINT, MONDAY, PUBLIC_URL, Json, World, is_hangup, sign

CALL_SID, TEXT_SID = "CA" + "7" * 32, "SM" + "7" * 32
STRANGER, UNUSED = "+12125550177", "+12125550999"
MENU = f"{PUBLIC_URL}/twilio/inbound/menu"
#: What Twilio puts in place of a withheld number, and other things that are none.
WITHHELD = ["", "Anonymous", "+266696687", "+7378742833", "+86282452253", "+2562533", "+8656696"]


async def post(world: World, kind: str, **form: str) -> Any:
    fields = {"From": ENDPOINT, "To": CALLER_ID, "AccountSid": "AC" + "2" * 32, **form}
    path = f"/twilio/inbound/{kind}"
    signature = sign(PUBLIC_URL + path, fields)
    return await world.raw_callback(path, fields, {"X-Twilio-Signature": signature})


async def rings(world: World, **form: str) -> str:
    answer = await post(world, "voice", **{"CallSid": CALL_SID, **form})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


async def presses(world: World, digits: str, **form: str) -> str:
    answer = await post(world, "menu", **{"CallSid": CALL_SID, "Digits": digits, **form})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


async def writes(world: World, body: str, **form: str) -> None:
    answer = await post(world, "sms", **{"MessageSid": TEXT_SID, "Body": body, **form})
    assert answer.status_code == 200, answer.text
    assert "<Message" not in answer.text


async def noted(world: World) -> list[Inbound]:
    async with world.db.read() as session:
        return list((await session.exec(select(Inbound).order_by(Inbound.inbound_id))).all())  # type: ignore[arg-type]


async def entries(world: World) -> list[tuple[str | None, str]]:
    found = (await get(world, "suppressions"))["suppressions"]
    return [(one["endpoint"], one["source"]) for one in found]


@pytest.mark.parametrize("kind", ["voice", "menu", "sms"])
async def test_what_the_carrier_did_not_sign_is_refused(world: World, kind: str):
    await world.agent()
    form = {"CallSid": CALL_SID, "From": ENDPOINT, "To": CALLER_ID, "Digits": "9", "Body": "STOP"}
    forged = {"X-Twilio-Signature": "c2lnbmVk"}
    answer = await world.raw_callback(f"/twilio/inbound/{kind}", form, forged)
    assert answer.status_code == 403
    assert (await entries(world), await noted(world)) == ([], [])


@pytest.mark.parametrize(
    "form", [{"CallSid": ""}, {"CallSid": "../x"}, {"CallSid": CALL_SID, "To": ""}]
)
async def test_a_request_that_lacks_what_it_must_say_is_a_400(world: World, form: dict[str, str]):
    assert (await post(world, "voice", **form)).status_code == 400


# -- calls


async def test_who_calls_is_told_whom_they_reached_and_how_to_opt_out(world: World):
    await world.agent(inbound={"say": "We will call you again."})
    heard = await rings(world)
    assert "You have reached Blue Clinic. We will call you again. To stop our calls, press 9." in (
        heard
    )
    assert f'action="{MENU}"' in heard
    assert heard.endswith("</Gather><Hangup /></Response>")
    [row] = await noted(world)
    assert (row.kind, row.from_endpoint, row.to_endpoint) == ("call", ENDPOINT, CALLER_ID)
    assert (row.call_id, row.action, row.opted_out) == (None, None, False)


async def test_who_presses_another_key_is_put_through_if_the_agent_says_so(world: World):
    await world.agent()
    assert is_hangup(await presses(world, "1"))
    await world.agent(callerIds=["+12125550102"], inbound={"transferTo": "+12125550188"})
    heard = await rings(world, To="+12125550102")
    assert "</Gather><Dial" in heard
    assert "+12125550188</Number>" in await presses(world, "1", To="+12125550102")


@pytest.mark.parametrize(
    ("setting", "kind", "outcome", "reason"),
    [
        ("complete", DecisionKind.END, Outcome.COMPLETED, "called_back"),
        ("pause", DecisionKind.WAIT, None, "called_back"),
        ("keep", DecisionKind.WAIT, None, "not_before"),
        (None, DecisionKind.WAIT, None, "not_before"),
    ],
)
async def test_a_call_that_waits_for_the_caller_is_linked_and_done_with_as_the_agent_says(
    world: World,
    worker: Worker,
    setting: str | None,
    kind: DecisionKind,
    outcome: Outcome | None,
    reason: str,
):
    agent_id = await world.agent(inbound=setting and {"waitingCall": setting})
    call_id = await worker.sleeping(agentId=agent_id)
    await worker.sleeping(endpoint=STRANGER, agentId=agent_id)
    await rings(world)
    [row] = await noted(world)
    assert (row.call_id, row.action) == (call_id, setting or "keep")
    changes = setting in ("complete", "pause")
    assert world.gateway.replanned == ([call_id] if changes else [])
    decision = await worker.decide(call_id)
    assert (decision.kind, decision.outcome, decision.reason) == (kind, outcome, reason)
    events = (await world.view(call_id))["events"]
    assert [one["data"] for one in events if one["type"] == "call.called_back"] == [
        {"status": "Queued", "action": setting or "keep"}
    ]


async def test_a_paused_call_goes_on_when_somebody_reschedules_it(world: World, worker: Worker):
    agent_id = await world.agent(inbound={"waitingCall": "pause"})
    call_id = await worker.sleeping(agentId=agent_id)
    await rings(world)
    paused = await worker.decide(call_id)
    assert (paused.until, paused.reason) == (None, "called_back")
    world.gateway.not_running = True
    later = {"notBefore": "2026-11-25T15:00:00Z"}
    await world.post(f"/api/v1/calls/{call_id}/reschedule", later, 200)
    assert (await worker.decide(call_id)).reason == "not_before"


async def test_the_setting_is_that_of_the_agent_whose_call_waits(world: World, worker: Worker):
    """Another agent calls from the number that was called back."""
    await world.agent(inbound={"waitingCall": "complete"})
    mine = await world.agent(callerIds=["+12125550102"], inbound={"waitingCall": "pause"})
    call_id = await worker.sleeping(agentId=mine)
    await rings(world)
    [row] = await noted(world)
    assert (row.call_id, row.action) == (call_id, "pause")


async def test_a_call_that_is_in_progress_is_left_alone(world: World):
    agent_id = await world.agent(inbound={"waitingCall": "complete"})
    await world.voice((await world.dial(await world.call(agentId=agent_id))).token)
    await rings(world)
    [row] = await noted(world)
    assert (row.call_id, world.gateway.replanned) == (None, [])


async def test_nine_opts_out_at_once_for_all_agents(world: World, worker: Worker):
    agents = [await world.agent(), await world.agent(callerIds=["+12125550102"])]
    waiting = [await worker.sleeping(agentId=one) for one in agents]
    await rings(world)
    heard = await presses(world, "9")
    assert "You will not be called again. Goodbye." in heard
    assert await entries(world) == [(ENDPOINT, "inbound_call")]
    assert sorted(world.gateway.replanned) == sorted(waiting)
    for call_id in waiting:
        assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED
    [row] = await noted(world)
    assert row.opted_out


async def test_the_goodbye_is_the_agents_own(world: World):
    await world.agent(identity={"name": "Blaue Klinik", "goodbye": "Auf Wiederhören."})
    assert "<Say>Auf Wiederhören.</Say>" in await presses(world, "9")


# -- texts


STOP = ["STOP", "stop", " Stop. ", "STOPALL", "stop all", "quit", "END", "revoke", "Cancel!"]
STOP += ["unsubscribe", "OPT OUT", "opt-out", "OptOut", "Please stop calling me", "Don’t call me"]
STOP += ["take me off your list", "DO NOT CALL", "Please STOP", "stop, thank you", "Ok stop this"]
GO_ON = ["", "yes", "Please cancel my appointment", "It ends at five", "stop by at noon", "9"]
GO_ON += [
    "Can you call me at ten?",
    "ok thanks",
    "please cancel it for Monday",
    "non-stop",
    "I quit smoking",
]


@pytest.mark.parametrize("body", STOP)
async def test_a_word_that_asks_to_stop_opts_out(world: World, body: str):
    await world.agent()
    await writes(world, body)
    assert await entries(world) == [(ENDPOINT, "inbound_text")]
    [row] = await noted(world)
    assert (row.kind, row.opted_out) == ("text", True)


@pytest.mark.parametrize("body", GO_ON)
async def test_other_words_are_noted_and_change_nothing(world: World, body: str):
    await world.agent()
    await writes(world, body)
    assert await entries(world) == []
    [row] = await noted(world)
    assert (row.kind, row.opted_out) == ("text", False)


@pytest.mark.parametrize(
    ("body", "verdict", "out"),
    [
        ("ARRÊTEZ TOUT", "STOP", True),
        ("やめて", "STOP", True),
        ("START", "START", False),
        ("HELP, how do I unsubscribe", "HELP", False),
        ("STOP", "SOMETHING NEW", True),
    ],
)
async def test_the_carriers_own_verdict_counts(world: World, body: str, verdict: str, out: bool):
    await world.agent()
    await writes(world, body, OptOutType=verdict)
    assert await entries(world) == ([(ENDPOINT, "inbound_text")] if out else [])
    assert (await get(world, "suppressions/reviews"))["total"] == 0


# -- what is unclear

UNCLEAR = "Who is this? Please leave me alone"
REVIEWS = "suppressions/reviews"


async def test_who_wrote_something_unclear_is_not_dialed_until_a_person_has_read_it(
    world: World, worker: Worker
):
    waiting = [await worker.sleeping(), await worker.queued(agentId=await world.agent())]
    await writes(world, UNCLEAR)
    assert await entries(world) == []
    assert sorted(world.gateway.replanned) == sorted(waiting)
    for call_id in waiting:
        held = await worker.decide(call_id)
        assert (held.kind, held.reason) == (DecisionKind.WAIT, "opt_out_review")
    [review] = (await get(world, REVIEWS))["reviews"]
    assert (review["endpoint"], review["text"], review["holds"]) == (ENDPOINT, UNCLEAR, True)
    path = f"/api/v1/{REVIEWS}/{review['reviewId']}"
    read = await world.post(path, {"decision": "dismissed"}, 200)
    assert (read["state"], read["text"], read["holds"]) == ("dismissed", None, False)
    assert (await get(world, REVIEWS))["total"] == 0
    assert (await worker.decide(waiting[1])).kind is DecisionKind.DIAL
    assert await entries(world) == []
    assert "leave me alone" not in repr(await noted(world))


async def test_an_unclear_text_is_told_once_without_its_words(world: World):
    await world.agent()
    for _ in range(2):
        await writes(world, UNCLEAR)
    [review] = (await get(world, REVIEWS))["reviews"]
    [told] = (await get(world, "events", type="text.review_needed"))["events"]
    assert told["data"] == {"reviewId": review["reviewId"], "holds": True}
    assert (told["endpoint"], told["callId"], told["sequence"]) == (ENDPOINT, None, 1)
    assert "leave me alone" not in repr(told)


@pytest.mark.parametrize("body", ["STOP", "See you on Tuesday"])
async def test_what_nobody_has_to_read_is_not_told(world: World, body: str):
    await world.agent()
    await writes(world, body)
    assert (await get(world, "events", type="text.review_needed"))["events"] == []


async def test_a_text_that_was_read_as_an_opt_out_is_one(world: World, worker: Worker):
    call_id = await worker.sleeping()
    await writes(world, UNCLEAR)
    await writes(world, "not interested!", MessageSid="SM" + "8" * 32)
    first, _ = (await get(world, REVIEWS))["reviews"]
    path = f"/api/v1/{REVIEWS}/{first['reviewId']}"
    for _ in range(2):
        read = await world.post(path, {"decision": "opted_out"}, 200)
        assert read["state"] == "opted_out"
    assert (await get(world, REVIEWS))["total"] == 0
    assert await entries(world) == [(ENDPOINT, "inbound_text")]
    assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED
    problem = await world.post(path, {"decision": "dismissed"}, 409)
    assert problem["code"] == "already_reviewed"
    await world.post(f"/api/v1/{REVIEWS}/999", {"decision": "dismissed"}, 404)


async def test_whoever_wrote_something_unclear_and_then_stop_needs_no_reading(world: World):
    await world.agent()
    await writes(world, UNCLEAR)
    await writes(world, "STOP", MessageSid="SM" + "8" * 32)
    assert (await get(world, REVIEWS))["total"] == 0
    assert await entries(world) == [(ENDPOINT, "inbound_text")]


async def test_where_the_setting_says_so_calls_go_on_meanwhile(
    world: World, worker: Worker, application: FastAPI
):
    services = application.state.services
    settings = services.settings.model_copy(update={"hold_unclear_texts": False})
    application.state.services = replace(services, settings=settings)
    call_id = await worker.queued()
    await writes(world, UNCLEAR)
    [review] = (await get(world, REVIEWS))["reviews"]
    assert review["holds"] is False
    assert (await worker.decide(call_id)).kind is DecisionKind.DIAL


async def test_a_stop_that_is_delivered_again_does_not_restore_what_was_lifted(world: World):
    await world.agent()
    await writes(world, "STOP")
    [entry] = (await get(world, "suppressions"))["suppressions"]
    path = f"/api/v1/suppressions/{entry['suppressionId']}"
    assert (await world.http.delete(path)).status_code == 200
    await writes(world, "STOP")
    assert (await get(world, "suppressions", inForce="true"))["total"] == 0


async def test_a_stop_ends_the_calls_that_wait_and_all_consent(world: World, worker: Worker):
    said = {"endpoint": ENDPOINT, "tier": "written", "method": "web form"}
    consent = await world.post("/api/v1/consents", said)
    call_id = await worker.sleeping()
    await writes(world, "STOP")
    assert world.gateway.replanned == [call_id]
    assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED
    revoked = await get(world, f"consents/{consent['consentId']}")
    assert revoked["revocation"] == {"method": "inbound_text", "scope": "all"}


async def test_what_somebody_wrote_is_not_kept(world: World):
    await world.agent()
    await writes(world, "I am Ada Lovelace")
    assert "Lovelace" not in repr(await noted(world))


# -- numbers that several accounts call from


async def another_account(world: World, **changes: Any) -> Agent:
    """Of another account, and older: an agent that calls from the same number."""
    now = world.clock.now
    account = Account(name="other", created_time=now)
    agent = Agent(
        **{
            "account_id": account.account_id,
            "name": "other",
            "caller_ids": [CALLER_ID],
            "identity_spec": {"name": "Red Bank", "callbackNumber": CALLER_ID},
            "created_time": now - timedelta(days=1),
            "updated_time": now,
            **changes,
        }
    )
    async with world.db.write() as session:
        session.add(account)
        await session.flush()
        session.add(agent)
    return agent


async def accounts_that_stopped(world: World) -> set[str]:
    async with world.db.read() as session:
        rows = (await session.exec(select(Suppression))).all()
    assert {row.endpoint for row in rows} == {ENDPOINT}
    return {row.account_id for row in rows}


@pytest.mark.parametrize("way", ["text", "call"])
async def test_who_opts_out_is_called_by_none_of_the_accounts_at_the_number(
    world: World, worker: Worker, way: str
):
    other = await another_account(world)
    call_id = await worker.sleeping()
    await (writes(world, "STOP") if way == "text" else presses(world, "9"))
    [mine] = await accounts_that_stopped(world) - {other.account_id}
    assert await accounts_that_stopped(world) == {mine, other.account_id}
    assert {row.account_id for row in await noted(world)} == {mine, other.account_id}
    assert world.gateway.replanned == [call_id]


async def test_a_stop_counts_for_an_agent_that_is_gone_or_has_lost_the_number(world: World):
    gone = await another_account(world, deleted_time=MONDAY)
    agent_id = await world.agent()
    await world.settle(await world.dial(await world.call(agentId=agent_id, callerId=CALLER_ID)))
    path = f"/api/v1/agents/{agent_id}"
    lost = await world.http.patch(path, json={"callerIds": ["+12125550109"]})
    assert lost.status_code == 200
    await writes(world, "STOP")
    found = await accounts_that_stopped(world)
    assert (gone.account_id in found, len(found)) == (True, 2)


async def test_a_call_back_is_linked_and_answered_by_the_account_whose_call_waits(
    world: World, worker: Worker
):
    await another_account(world, inbound_spec={"transferTo": "+12125550187"})
    agent_id = await world.agent(inbound={"transferTo": "+12125550188"})
    call_id = await worker.sleeping(agentId=agent_id)
    assert "You have reached Blue Clinic." in await rings(world)
    linked = [row.call_id for row in await noted(world)]
    assert sorted(linked, key=str) == sorted([None, call_id], key=str)
    assert "+12125550188</Number>" in await presses(world, "1")


async def test_who_was_called_last_answers_when_no_call_waits(world: World):
    await another_account(world)
    assert "You have reached Red Bank." in await rings(world)
    await world.settle(await world.dial(await world.call(callerId=CALLER_ID)))
    assert "You have reached Blue Clinic." in await rings(world, CallSid="CA" + "8" * 32)


# -- numbers that are nobody's, and nobody's number


async def test_a_number_that_no_agent_calls_from_takes_no_calls(world: World):
    await world.agent()
    assert "This number does not take calls." in await rings(world, To=UNUSED)
    assert is_hangup(await presses(world, "9", To=UNUSED))
    await writes(world, "STOP", To=UNUSED)
    assert (await entries(world), await noted(world)) == ([], [])


async def test_a_deleted_agents_number_takes_no_calls(world: World):
    agent_id = await world.agent()
    assert (await world.http.delete(f"/api/v1/agents/{agent_id}")).status_code == 204
    assert "This number does not take calls." in await rings(world)


@pytest.mark.parametrize("withheld", WITHHELD)
async def test_a_withheld_number_is_answered_and_promised_nothing(
    world: World, worker: Worker, withheld: str
):
    await worker.sleeping(agentId=await world.agent(inbound={"waitingCall": "complete"}))
    assert "Blue Clinic" in await rings(world, From=withheld)
    heard = await presses(world, "9", From=withheld)
    assert "will not be called again" not in heard
    assert "<Hangup" in heard
    await writes(world, "STOP", From=withheld)
    assert await entries(world) == []
    assert {row.from_endpoint for row in await noted(world)} == {None}
    assert {row.opted_out for row in await noted(world)} == {False}
    assert world.gateway.replanned == []


# -- once more


async def test_a_repeated_delivery_changes_nothing(world: World, worker: Worker):
    agent_id = await world.agent(inbound={"waitingCall": "complete"})
    call_id = await worker.sleeping(agentId=agent_id)
    for _ in range(2):
        await rings(world)
        await presses(world, "9")
        await writes(world, "STOP")
    assert await entries(world) == [(ENDPOINT, "inbound_call")]
    assert [row.kind for row in await noted(world)] == ["call", "text"]
    events: list[Json] = (await world.view(call_id))["events"]
    assert [one["type"] for one in events].count("call.called_back") == 1


async def lift_all(world: World) -> None:
    for one in (await get(world, "suppressions", inForce="true"))["suppressions"]:
        await world.http.delete(f"/api/v1/suppressions/{one['suppressionId']}")


async def in_force(world: World) -> int:
    return int((await get(world, "suppressions", inForce="true"))["total"])


async def test_a_text_that_the_carrier_repeats_does_not_restore_what_was_lifted(world: World):
    await world.agent()
    await writes(world, "STOP")
    await lift_all(world)
    await writes(world, "STOP")
    assert await in_force(world) == 0
    await writes(world, "STOP", MessageSid="SM" + "8" * 32)
    assert await in_force(world) == 1


async def test_a_key_that_the_carrier_repeats_does_not_restore_what_was_lifted(world: World):
    await world.agent()
    await rings(world)
    await presses(world, "9")
    await lift_all(world)
    await presses(world, "9")
    assert await in_force(world) == 0
    await presses(world, "9", CallSid="CA" + "8" * 32)
    assert await in_force(world) == 1
