"""A Dial with a whisper or a status callback makes a leg of its own, as real ones do."""

import pytest

from tests.simulator.harness import Application, Simulator

TO = "+12025550120"
DESK = "+12025550121"
END = "<Response><Hangup/></Response>"
DIAL = (
    '<Response><Dial action="/after" timeout="10" callerId="+12025550199">'
    f'<Number url="/whisper" statusCallback="/leg" statusCallbackEvent="initiated completed">{DESK}'
    "</Number></Dial></Response>"
)


def _answers(application: Application, whisper: str) -> None:
    application.documents |= {"/voice": DIAL, "/whisper": whisper, "/after": END}


async def test_the_target_hears_its_document_and_then_the_two_talk(
    application: Application, simulator: Simulator
):
    await simulator.script(DESK, {"answer": {"after": 1, "talk": 20}})
    _answers(application, "<Response><Say>A call.</Say></Response>")
    call = await simulator.run(TO, Url=f"{application.root}/voice")
    after = application.at("/after")[0].fields
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "true")
    heard = application.at("/whisper")[0].fields
    assert (heard["ParentCallSid"], heard["To"]) == (call["sid"], DESK)
    assert heard["CallSid"] == after["DialCallSid"] != call["sid"]
    told = application.at("/leg")
    assert [one.fields["CallStatus"] for one in told] == ["initiated", "completed"]
    assert int(told[-1].fields["CallDuration"]) >= 20


@pytest.mark.parametrize(
    ("entry", "status"), [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed")]
)
async def test_a_target_that_does_not_answer_is_told_to_the_action(
    application: Application, simulator: Simulator, entry: str, status: str
):
    await simulator.script(DESK, entry)
    _answers(application, END)
    await simulator.run(TO, Url=f"{application.root}/voice")
    after = application.at("/after")[0].fields
    assert (after["DialCallStatus"], after["DialBridged"]) == (status, "false")
    assert application.at("/whisper") == []


async def test_whoever_is_hung_up_on_by_the_whisper_is_never_bridged(
    application: Application, simulator: Simulator
):
    await simulator.script(DESK, {"answer": {"after": 1}})
    _answers(application, END)
    await simulator.run(TO, Url=f"{application.root}/voice")
    after = application.at("/after")[0].fields
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "false")


async def test_a_callee_who_hangs_up_takes_the_ringing_leg_along(
    application: Application, simulator: Simulator
):
    await simulator.script(TO, {"answer": {"talk": 2}})
    await simulator.script(DESK, {"answer": {"after": 9}})
    _answers(application, END)
    await simulator.run(TO, Url=f"{application.root}/voice")
    await application.until(lambda: len(application.at("/leg")) == 2)
    assert application.at("/leg")[-1].fields["CallStatus"] == "canceled"
    assert application.at("/after") == []
