"""Webhooks: signatures by the published vector, forms by the fields Twilio sends."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from telephony.port import LegStatus
from telephony.twilio.callbacks import (
    BadCallback,
    callback_urls,
    parse_amd,
    parse_gather,
    parse_recording,
    parse_status,
    valid_signature,
)

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
SID = "CA" + "a" * 32


def signed(token: str, text: str) -> str:
    """Twilio's algorithm in its own words, written without Twilio's package."""
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def test_the_published_vector_is_valid() -> None:
    assert valid_signature("12345", URL, VECTOR, SIGNATURE)
    assert valid_signature("12345", URL, VECTOR[::-1], SIGNATURE)
    assert valid_signature("12345", URL + "#rc=3&rp=ct,rt,5xx", VECTOR, SIGNATURE)


@pytest.mark.parametrize(
    ("token", "url", "params", "signature"),
    [
        ("54321", URL, VECTOR, SIGNATURE),
        ("12345", URL + "3", VECTOR, SIGNATURE),
        ("12345", URL.replace("https", "http"), VECTOR, SIGNATURE),
        ("12345", URL, VECTOR[1:], SIGNATURE),
        ("12345", URL, [*VECTOR, ("Blank", "x")], SIGNATURE),
        ("12345", URL, VECTOR, SIGNATURE.lower()),
        ("12345", URL, VECTOR, ""),
        ("12345", URL, VECTOR, "é"),
        ("12345", "https://host:port/", VECTOR, SIGNATURE),
    ],
)
def test_anything_else_is_not(
    token: str, url: str, params: list[tuple[str, str]], signature: str
) -> None:
    assert not valid_signature(token, url, params, signature)


def test_blank_and_repeated_values_count() -> None:
    url = "https://us.test/twilio/status/tok"
    text = url + "A" + "Bone" + "Btwo"
    pairs = [("B", "two"), ("A", ""), ("B", "one")]
    assert valid_signature("12345", url, pairs, signed("12345", text))
    assert not valid_signature("12345", url, pairs[:2], signed("12345", text))


def test_a_json_body_is_vouched_for_by_its_hash() -> None:
    body = '{"a": 1}'
    url = f"https://us.test/x?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = signed("12345", url)
    assert valid_signature("12345", url, [], signature, body=body)
    assert not valid_signature("12345", url, [], signature, body=body + " ")


def test_a_json_body_without_a_hash_is_refused() -> None:
    url = "https://us.test/x"
    assert not valid_signature("12345", url, [], signed("12345", url), body='{"a": 1}')


def test_every_url_of_an_attempt_holds_its_token() -> None:
    urls = callback_urls("https://us.test/", "tok")
    assert (urls.voice, urls.gather, urls.status, urls.amd, urls.recording) == tuple(
        f"https://us.test/twilio/{kind}/tok"
        for kind in ("voice", "gather", "status", "amd", "recording")
    )


def test_a_status_callback_is_read_whole() -> None:
    event = parse_status(
        {
            "CallSid": SID,
            "CallStatus": "no-answer",
            "SequenceNumber": "2",
            "Timestamp": "Sun, 22 Nov 2026 12:00:00 +0000",
            "CallDuration": "0",
            "SipResponseCode": "480",
            "FromCity": "",
        }
    )
    assert (event.sid, event.status, event.sequence) == (SID, LegStatus.NO_ANSWER, 2)
    assert event.at == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert (event.duration, event.sip_code, event.answered_by) == (0, 480, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("SequenceNumber", "-1"),
        ("SequenceNumber", "1_0"),
        ("SequenceNumber", "9" * 5000),
        ("CallDuration", "long"),
        ("SipResponseCode", "40४"),
        ("SipResponseCode", "4040"),
        ("Timestamp", "yesterday"),
        ("Timestamp", "Sun, 99 Nov 2026 12:00:00 +0000"),
    ],
)
def test_a_strange_extra_does_not_cost_the_news(field: str, value: str) -> None:
    event = parse_status({"CallSid": SID, "CallStatus": "completed", field: value})
    assert event.status is LegStatus.COMPLETED
    assert (event.sequence, event.duration, event.at) == (None, None, None)
    assert event.sip_code is None


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"CallSid": SID},
        {"CallSid": SID, "CallStatus": ""},
        {"CallSid": "+15550001234", "CallStatus": "completed"},
        {"CallSid": "", "CallStatus": "completed"},
    ],
)
def test_a_callback_without_its_news_is_refused_unquoted(form: dict[str, str]) -> None:
    with pytest.raises(BadCallback) as caught:
        parse_status(form)
    assert "555" not in str(caught.value)


def test_answered_is_another_word_for_in_progress() -> None:
    event = parse_status({"CallSid": SID, "CallStatus": "answered"})
    assert (event.status, event.unknown_status) == (LegStatus.IN_PROGRESS, None)


@pytest.mark.parametrize(
    ("word", "told"), [("transferred", "transferred"), ("+15550001234", "?"), ("x" * 99, "?")]
)
def test_a_status_that_is_not_known_costs_nothing_else_and_is_told_without_numbers(
    word: str, told: str
) -> None:
    event = parse_status({"CallSid": SID, "CallStatus": word, "SequenceNumber": "3"})
    assert (event.status, event.unknown_status, event.sequence) == (None, told, 3)


def test_a_verdict_needs_its_word() -> None:
    assert parse_amd({"CallSid": SID, "AnsweredBy": "machine_end_other"}).is_machine
    assert not parse_amd({"CallSid": SID, "AnsweredBy": "fax"}).is_machine
    with pytest.raises(BadCallback, match="AnsweredBy"):
        parse_amd({"CallSid": SID})


def test_a_recording_is_read_whole() -> None:
    event = parse_recording(
        {
            "CallSid": SID,
            "RecordingSid": "RE1",
            "RecordingUrl": "https://api.twilio.com/RE1",
            "RecordingStatus": "completed",
            "RecordingDuration": "12",
        }
    )
    assert (event.recording_sid, event.recording_duration) == ("RE1", 12)
    assert (event.recording_url, event.recording_status) == (
        "https://api.twilio.com/RE1",
        "completed",
    )


def test_a_gather_hears_digits_speech_or_nothing() -> None:
    digits = parse_gather({"CallSid": SID, "CallStatus": "in-progress", "Digits": "1"})
    speech = parse_gather({"CallSid": SID, "SpeechResult": "Yes.", "Confidence": "0.91"})
    silence = parse_gather({"CallSid": SID, "Digits": "", "Confidence": "nan"})
    assert (digits.digits, digits.speech) == ("1", None)
    assert (speech.digits, speech.speech, speech.confidence) == (None, "Yes.", 0.91)
    assert (silence.digits, silence.speech, silence.confidence) == (None, None, None)
    assert "Yes" not in repr(speech)
