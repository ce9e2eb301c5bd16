"""Status, AMD and recording callbacks: their form, signature, retries and faults."""

from email.utils import parsedate_to_datetime

import pytest
from twilio.request_validator import RequestValidator

from simulator.callbacks.webhooks import parse_overrides, sign
from tests.simulator.harness import TOKEN, Application, Hit, Simulator

TO = "+12025550100"


def statuses(hits: list[Hit]) -> list[str]:
    return [hit.fields["CallStatus"] for hit in hits]


def test_the_signature_matches_twilios_published_example():
    fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


async def test_events_arrive_in_order_numbered_signed_and_dated(
    application: Application, simulator: Simulator
):
    call = await simulator.run(TO, StatusCallback=f"{application.root}/status?x=1&y=")
    hits = application.at("/status")
    assert statuses(hits) == ["initiated", "ringing", "in-progress", "completed"]
    assert [hit.fields["SequenceNumber"] for hit in hits] == ["0", "1", "2", "3"]
    for hit in hits:
        signature = hit.headers["x-twilio-signature"]
        assert RequestValidator(TOKEN).validate(hit.url, hit.fields, signature)
        assert parsedate_to_datetime(hit.fields["Timestamp"])
        assert hit.fields["CallbackSource"] == "call-progress-events"
        assert hit.headers["i-twilio-idempotency-token"]
    last = hits[-1].fields
    assert 1 <= int(last["CallDuration"]) <= 60
    assert (last["Duration"], last["SipResponseCode"]) == ("1", "200")
    assert last["FromCity"] == ""
    assert [c["outcome"] for c in call["callbacks"]] == ["delivered"] * 4


@pytest.mark.parametrize(
    ("code", "status"), [(404, "failed"), (603, "failed"), (600, "busy"), (480, "no-answer")]
)
async def test_a_scripted_sip_response_ends_the_call(
    application: Application, simulator: Simulator, code: int, status: str
):
    await simulator.script(TO, {"sip": code})
    await simulator.run(TO, StatusCallback=f"{application.root}/status")
    last = application.at("/status")[-1].fields
    assert (last["CallStatus"], last["SipResponseCode"]) == (status, str(code))


async def test_only_the_completed_event_is_sent_unless_more_are_asked_for(
    application: Application, simulator: Simulator
):
    await simulator.run(TO, StatusCallbackEvent=[])
    (hit,) = application.at("/status")
    assert (hit.fields["CallStatus"], hit.fields["SequenceNumber"]) == ("completed", "0")


async def test_sequence_numbers_count_the_subscribed_events(
    application: Application, simulator: Simulator
):
    await simulator.run(TO, StatusCallbackEvent=["answered", "completed"])
    assert [(h.fields["SequenceNumber"]) for h in application.at("/status")] == ["0", "1"]


async def test_callbacks_can_be_fetched_with_get(application: Application, simulator: Simulator):
    await simulator.run(TO, StatusCallbackMethod="GET", StatusCallbackEvent="completed")
    (hit,) = application.at("/status")
    assert hit.method == "GET"
    assert "CallStatus=completed" in hit.url
    assert RequestValidator(TOKEN).validate(hit.url, {}, hit.headers["x-twilio-signature"])


async def test_a_fragment_asks_for_retries_and_is_not_sent_or_signed(
    application: Application, simulator: Simulator
):
    application.statuses["/status"] = [503, 500, 200]
    url = f"{application.root}/status#rc=3&rp=ct,rt,5xx"
    call = await simulator.run(TO, StatusCallback=url, StatusCallbackEvent="completed")
    hits = application.at("/status")
    assert len(hits) == 3
    assert len({hit.headers["i-twilio-idempotency-token"] for hit in hits}) == 1
    signature = hits[0].headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(hits[0].url, hits[0].fields, signature)
    (entry,) = call["callbacks"]
    assert (entry["outcome"], entry["response"], entry["attempts"]) == ("delivered", 200, 3)


async def test_an_error_response_is_not_retried_by_default(
    application: Application, simulator: Simulator
):
    application.statuses["/status"] = [500]
    call = await simulator.run(TO, StatusCallbackEvent="completed")
    (entry,) = call["callbacks"]
    assert (entry["outcome"], entry["response"], entry["attempts"]) == ("failed", 500, 1)


async def test_a_connection_failure_is_retried_once_by_default(simulator: Simulator):
    call = await simulator.run(
        TO, StatusCallback="http://127.0.0.1:9/", StatusCallbackEvent="completed"
    )
    (entry,) = call["callbacks"]
    assert (entry["outcome"], entry["response"], entry["attempts"]) == ("failed", None, 2)


def test_retries_are_capped_at_five():
    assert parse_overrides("http://a/#rc=9")[1].retries == 5
    assert parse_overrides("http://a/b?c=d#rt=100&rp=all")[0] == "http://a/b?c=d"


async def test_lost_callbacks_never_arrive(application: Application, simulator: Simulator):
    await simulator.faults(callbacks={"lost": 1})
    call = await simulator.run(TO)
    assert application.hits == []
    assert {c["outcome"] for c in call["callbacks"]} == {"lost"}
    assert call["status"] == "completed"


async def test_duplicated_callbacks_arrive_twice_with_one_token(
    application: Application, simulator: Simulator
):
    await simulator.faults(callbacks={"duplicate": 1})
    await simulator.run(TO, StatusCallbackEvent="completed")
    first, second = application.at("/status")
    assert first.fields == second.fields
    token = "i-twilio-idempotency-token"
    assert first.headers[token] == second.headers[token]


async def test_reordered_callbacks_are_overtaken_by_a_later_one(
    application: Application, simulator: Simulator
):
    await simulator.faults(callbacks={"reorder": 0.5, "seed": 1})
    arrived = []
    for number in range(6):
        await simulator.run(f"+120255501{number:02}")
        arrived.append([int(hit.fields["SequenceNumber"]) for hit in application.hits])
        application.hits.clear()
    assert all(sorted(sequence) == [0, 1, 2, 3] for sequence in arrived)
    assert any(sequence != sorted(sequence) for sequence in arrived)


async def test_delayed_callbacks_arrive_all_the_same(
    application: Application, simulator: Simulator
):
    await simulator.faults(callbacks={"delay": [5, 10]})
    await simulator.run(TO)
    assert sorted(hit.fields["SequenceNumber"] for hit in application.hits) == list("0123")


async def test_the_same_seed_loses_the_same_callbacks(simulator: Simulator):
    runs = []
    for _ in range(2):
        await simulator.http.post(f"{simulator.root}/_sim/reset")
        await simulator.faults(callbacks={"lost": 0.5, "seed": 7})
        call = await simulator.run(TO)
        runs.append({c["event"] for c in call["callbacks"] if c["outcome"] == "lost"})
    assert runs[0] == runs[1]
    assert 0 < len(runs[0]) < 4


AMD = {"MachineDetection": "DetectMessageEnd", "AsyncAmd": "true"}
QUIET = '<Response><Pause length="10"/></Response>'


@pytest.mark.parametrize(
    ("mode", "by", "verdict", "milliseconds"),
    [
        ("DetectMessageEnd", "human", "human", "1000"),
        ("DetectMessageEnd", "machine", "machine_end_beep", "4000"),
        ("Enable", "human", "human", "1000"),
        ("Enable", "machine", "machine_start", "2000"),
        ("Enable", "fax", "fax", "2000"),
    ],
)
async def test_the_verdict_on_who_answered_is_sent_apart(
    application: Application,
    simulator: Simulator,
    mode: str,
    by: str,
    verdict: str,
    milliseconds: str,
):
    await simulator.script(TO, {"answer": {"by": by}})
    amd = {**AMD, "MachineDetection": mode, "AsyncAmdStatusCallback": f"{application.root}/amd"}
    call = await simulator.run(TO, Twiml=QUIET, **amd)
    (hit,) = application.at("/amd")
    assert hit.fields["AnsweredBy"] == verdict == call["answeredBy"]
    assert hit.fields["MachineDetectionDuration"] == milliseconds
    signature = hit.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(hit.url, hit.fields, signature)


async def test_a_verdict_cut_short_by_the_end_is_unknown_and_comes_after_it(
    application: Application, simulator: Simulator
):
    await simulator.script(TO, {"answer": {"by": "machine", "talk": 1}})
    await simulator.run(TO, **AMD, AsyncAmdStatusCallback=f"{application.root}/amd")
    assert application.hits[-1].path == "/amd"
    assert application.hits[-1].fields["AnsweredBy"] == "unknown"


async def test_without_async_amd_the_document_waits_for_the_verdict(
    application: Application, simulator: Simulator
):
    application.documents["/voice"] = "<Response/>"
    url = f"{application.root}/voice"
    call = await simulator.run(TO, Url=url, MachineDetection="Enable")
    assert application.at("/voice")[0].fields["AnsweredBy"] == "human"
    assert call["duration"] >= 1


async def test_sending_digits_switches_detection_off(
    application: Application, simulator: Simulator
):
    amd = {**AMD, "AsyncAmdStatusCallback": f"{application.root}/amd"}
    call = await simulator.run(TO, Twiml=QUIET, SendDigits="ww12", **amd)
    assert application.at("/amd") == []
    assert (call["answeredBy"], call["pressed"]) == (None, "ww12")


async def test_a_recorded_call_tells_where_its_recording_is(
    application: Application, simulator: Simulator
):
    await simulator.run(
        TO,
        Record="true",
        RecordingChannels="dual",
        RecordingStatusCallback=f"{application.root}/recording",
    )
    (hit,) = application.at("/recording")
    assert hit.fields["RecordingSid"].startswith("RE")
    assert hit.fields["RecordingStatus"] == "completed"
    assert (hit.fields["RecordingChannels"], hit.fields["RecordingSource"]) == ("2", "OutboundAPI")
    assert application.at("/status")[-1].fields["RecordingUrl"] == hit.fields["RecordingUrl"]
