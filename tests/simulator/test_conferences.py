"""Conferences as Twilio has them: who waits, when one begins, what ends it, and what is told."""

from tests.simulator.harness import Application, Simulator

CALLEE, DESK = "+12025550120", "+12025550121"
EVENTS = "start end join leave"


def _room(starts: str, label: str, wait: str = "/wait") -> str:
    action = ' action="/after"' if label == "callee" else ""
    return (
        f"<Response><Dial{action}><Conference startConferenceOnEnter='{starts}' "
        f"endConferenceOnExit='true' participantLabel='{label}' waitUrl='{wait}' "
        f"statusCallback='/news' statusCallbackEvent='{EVENTS}'>room-1</Conference>"
        "</Dial></Response>"
    )


async def test_two_legs_meet_and_whoever_leaves_ends_it_for_both(
    application: Application, simulator: Simulator
):
    application.documents |= {
        "/callee": _room("false", "callee"),
        "/desk": _room("true", "desk"),
        "/wait": "<Response><Say>Wait.</Say><Pause/><Redirect>/wait</Redirect></Response>",
        "/after": "<Response><Hangup/></Response>",
    }
    await simulator.script(CALLEE, {"answer": {"after": 1}})
    await simulator.script(DESK, {"answer": {"after": 9, "talk": 20}})
    first = (await simulator.create(CALLEE, Url=f"{application.root}/callee")).json()
    second = (await simulator.create(DESK, Url=f"{application.root}/desk")).json()
    await application.until(lambda: len(application.at("/news")) == 6)
    told = [one.fields for one in application.at("/news")]
    assert [one["StatusCallbackEvent"] for one in told] == [
        *("participant-join", "participant-join", "conference-start"),
        *("participant-leave", "conference-end", "participant-leave"),
    ]
    assert [one["SequenceNumber"] for one in told] == list("123456")
    joined, desk, start, left, end, _ = told
    assert (joined["CallSid"], joined["ParticipantLabel"]) == (first["sid"], "callee")
    assert (joined["StartConferenceOnEnter"], desk["StartConferenceOnEnter"]) == ("false", "true")
    assert "CallSid" not in start
    assert left["CallSid"] == end["CallSidEndingConference"] == second["sid"]
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert {one["ConferenceSid"] for one in told} == {told[0]["ConferenceSid"]}
    # The one who waited heard the wait document again and again, and goes on after it.
    assert len(application.at("/wait")) > 1
    assert application.at("/after")[0].fields["DialCallStatus"] == "answered"
    assert application.at("/after")[0].fields["CallSid"] == first["sid"]


async def test_a_wait_document_that_fails_makes_no_conference_and_a_hang_up_leaves_nobody(
    application: Application, simulator: Simulator
):
    application.documents |= {
        "/alone": _room("true", "callee", wait="/gone"),
        "/callee": _room("false", "callee", wait=""),
        "/after": "<Response><Hangup/></Response>",
    }
    application.statuses["/gone"] = [500]
    await simulator.script(CALLEE, {"answer": {"after": 1}})
    await simulator.run(CALLEE, Url=f"{application.root}/alone")
    assert application.at("/after")[0].fields["DialCallStatus"] == "failed"
    call = (await simulator.create(CALLEE, Url=f"{application.root}/callee")).json()
    await application.until(lambda: len(application.at("/news")) == 4)
    await simulator.post(f"/Calls/{call['sid']}.json", {"Status": "completed"})
    await application.until(lambda: len(application.at("/news")) == 6)
    end = application.at("/news")[-1].fields
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert len(application.at("/after")) == 1
