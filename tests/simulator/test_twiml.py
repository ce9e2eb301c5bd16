"""TwiML is fetched, signed for, and followed."""

import pytest
from twilio.request_validator import RequestValidator

from tests.simulator.harness import TOKEN, Application, Simulator

TO = "+14155552671"
END = "<Response><Hangup/></Response>"


async def test_the_document_is_asked_for_with_a_signed_request(
    application: Application, simulator: Simulator
):
    application.documents["/voice"] = "<Response><Say>Hi</Say></Response>"
    call = await simulator.run(TO, Url=f"{application.root}/voice?token=t")
    (hit,) = application.at("/voice")
    assert hit.fields["CallStatus"] == "in-progress"
    signature = hit.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(hit.url, hit.fields, signature)
    assert call["twiml"] == [application.documents["/voice"]]


async def test_verbs_take_their_time(simulator: Simulator):
    document = (
        '<Response><Say>one two three four</Say><Pause length="10"/>'
        "<Play>https://example.com/a.mp3</Play></Response>"
    )
    call = await simulator.run(TO, Twiml=document)
    assert 13 <= call["duration"] <= 30


async def test_a_string_of_digits_is_pressed_at_every_gather(
    application: Application, simulator: Simulator
):
    await simulator.script(TO, {"answer": {"digits": "7"}})
    await _two_questions(application, simulator)
    assert [hit.fields["Digits"] for hit in application.at("/end")] == ["7"]


async def test_a_list_of_digits_is_used_up_in_order(application: Application, simulator: Simulator):
    await simulator.script(TO, {"answer": {"digits": ["1"]}})
    await _two_questions(application, simulator)
    assert application.at("/second")[0].fields["Digits"] == "1"
    assert application.at("/end") == []


async def _two_questions(application: Application, simulator: Simulator) -> None:
    ask = '<Response><Gather action="{}" numDigits="1"><Say>?</Say></Gather></Response>'
    application.documents["/first"] = ask.format("second")
    application.documents["/second"] = ask.format("/end")
    application.documents["/end"] = END
    await simulator.run(TO, Url=f"{application.root}/first")


async def test_no_input_falls_through_to_the_next_verb(
    application: Application, simulator: Simulator
):
    await simulator.script(TO, {"answer": {}})
    application.documents["/voice"] = (
        '<Response><Gather timeout="2" action="/action"/><Redirect>/after</Redirect></Response>'
    )
    application.documents["/after"] = END
    await simulator.run(TO, Url=f"{application.root}/voice")
    assert application.at("/action") == []
    assert len(application.at("/after")) == 1


async def test_no_input_reaches_the_action_when_asked_to(
    application: Application, simulator: Simulator
):
    await simulator.script(TO, {"answer": {}})
    application.documents["/voice"] = (
        '<Response><Gather action="/action" actionOnEmptyResult="true"/></Response>'
    )
    application.documents["/action"] = END
    await simulator.run(TO, Url=f"{application.root}/voice")
    assert application.at("/action")[0].fields["Digits"] == ""


async def test_speech_is_not_heard_by_a_gather_for_digits(
    application: Application, simulator: Simulator
):
    await simulator.script(TO, {"answer": {"speech": "yes"}})
    application.documents["/voice"] = '<Response><Gather action="/action"/></Response>'
    await simulator.run(TO, Url=f"{application.root}/voice")
    assert application.at("/action") == []


async def test_a_stream_is_recorded_with_its_parameters_and_then_the_document_goes_on(
    application: Application, simulator: Simulator
):
    application.documents["/voice"] = (
        '<Response><Connect><Stream url="wss://agent.example.com/media">'
        '<Parameter name="call" value="c1"/></Stream></Connect>'
        "<Redirect>/after</Redirect></Response>"
    )
    application.documents["/after"] = END
    call = await simulator.run(TO, Url=f"{application.root}/voice")
    (connection,) = call["connections"]
    assert (connection["noun"], connection["parameters"]) == ("Stream", {"call": "c1"})
    assert len(application.at("/after")) == 1


async def test_a_conversation_relay_hands_over_to_its_action(
    application: Application, simulator: Simulator
):
    application.documents["/voice"] = (
        '<Response><Connect action="/after"><ConversationRelay url="wss://a.example.com/r" '
        'welcomeGreeting="Hi"/></Connect></Response>'
    )
    application.documents["/after"] = END
    call = await simulator.run(TO, Url=f"{application.root}/voice")
    assert call["connections"][0]["attributes"]["welcomeGreeting"] == "Hi"
    assert application.at("/after")[0].fields["SessionStatus"] == "completed"


async def test_a_dial_lasts_its_talk_and_reports_to_its_action(
    application: Application, simulator: Simulator
):
    await simulator.script(TO, {"answer": {"talk": 20}})
    application.documents["/voice"] = (
        '<Response><Dial action="/after"><Number>+12025550111</Number></Dial></Response>'
    )
    application.documents["/after"] = END
    call = await simulator.run(TO, Url=f"{application.root}/voice")
    assert call["connections"][0]["target"] == "+12025550111"
    assert application.at("/after")[0].fields["DialCallDuration"] == "20"
    assert 20 <= call["duration"] <= 40


async def test_a_record_verb_hands_its_recording_to_the_action(
    application: Application, simulator: Simulator
):
    application.documents["/voice"] = (
        '<Response><Record action="/after" recordingStatusCallback="/recorded"/></Response>'
    )
    application.documents["/after"] = END
    call = await simulator.run(TO, Url=f"{application.root}/voice")
    assert application.at("/after")[0].fields["RecordingUrl"] == call["recordings"][0]["url"]
    assert application.at("/recorded")[0].fields["RecordingSource"] == "RecordVerb"


async def test_a_callee_with_a_talk_hangs_up_in_the_middle_of_a_document(simulator: Simulator):
    await simulator.script(TO, {"answer": {"talk": 2}})
    call = await simulator.run(TO, Twiml='<Response><Pause length="60"/></Response>')
    assert call["status"] == "completed"
    assert 2 <= call["duration"] <= 20


async def test_the_time_limit_ends_a_call(simulator: Simulator):
    call = await simulator.run(TO, Twiml='<Response><Pause length="60"/></Response>', TimeLimit="5")
    assert 5 <= call["duration"] <= 20


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Response><Say>", 12100),
        ("<Html/>", 12102),
        ("<Response><Shout/></Response>", 12100),
        ('<Response><Pause length="long"/></Response>', 12200),
        ("<Response><Redirect/></Response>", 12100),
        ('<Response><Connect><Stream url="ws://a/"/></Connect></Response>', 12200),
        ('<Response><Connect><Stream url="wss://a/?b=c"/></Connect></Response>', 12200),
        ("<Response><Dial/></Response>", 12200),
    ],
)
async def test_a_document_that_cannot_be_followed_ends_the_call(
    simulator: Simulator, document: str, code: int
):
    call = await simulator.run(TO, Twiml=document)
    assert call["status"] == "completed"
    assert [error["code"] for error in call["errors"]] == [code]


async def test_whoever_answers_while_the_application_is_away_is_a_completed_call_of_no_length(
    application: Application, simulator: Simulator
):
    application.statuses["/voice"] = [503] * 4
    call = await simulator.run(TO, Url=f"{application.root}/voice#rc=3&rp=5xx")
    assert len(application.at("/voice")) == 4
    assert call["status"] == "completed"
    assert call["duration"] in (0, 1)
    assert [error["code"] for error in call["errors"]] == [11200]


async def test_the_carrier_has_a_document_of_its_own_that_says_sorry(simulator: Simulator):
    sorry = f"{simulator.root}/_sim/sorry"
    call = await simulator.run(TO, Url="http://127.0.0.1:9/away", FallbackUrl=sorry)
    assert any("Sorry, something went wrong" in document for document in call["twiml"])
    assert call["duration"] >= 2


async def test_a_failing_url_gives_way_to_the_fallback(
    application: Application, simulator: Simulator
):
    application.statuses["/voice"] = [500]
    application.documents["/fallback"] = END
    call = await simulator.run(
        TO, Url=f"{application.root}/voice", FallbackUrl=f"{application.root}/fallback"
    )
    assert application.at("/fallback")[0].fields["ErrorCode"] == "11200"
    assert call["status"] == "completed"


async def test_a_document_that_redirects_to_itself_comes_to_an_end(
    application: Application, simulator: Simulator
):
    application.documents["/voice"] = "<Response><Redirect>/voice</Redirect></Response>"
    call = await simulator.run(TO, Url=f"{application.root}/voice")
    assert call["errors"][-1]["code"] == 12106
    assert call["status"] == "completed"
