"""Twilio's webhooks: whether one is genuine, and what it says.

Check `valid_signature` before anything is parsed. The parsers raise BadCallback, which never
quotes a value; what is merely useful (a duration, a sequence number) is None when unreadable,
so that a strange extra never costs the news that a call has ended.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hmac import compare_digest

from twilio.request_validator import RequestValidator

from telephony.events import (
    CallbackUrls,
    CarrierEvent,
    ConferenceNews,
    Form,
    GatherInput,
    InboundEvent,
    TargetNews,
    TextEvent,
    TransferUrls,
)
from telephony.port import LegStatus

_SID = re.compile(r"[A-Za-z0-9]{2,64}")
#: The event of an answer is named so; its status is another word.
_ANSWERED = "answered"
_SIP_CODE = re.compile(r"[1-6][0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,9}")
#: What Twilio says instead of a number that is withheld: words, as a keypad spells them.
_WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
_WORD = re.compile(r"[a-z][a-z_-]{0,31}")
#: Of an address or a date; what is longer is none.
_LONGEST = 255
_LONGEST_URL = 2048
_VERDICT = re.compile(r"[a-z_]{1,32}")
_CONFIDENCE = re.compile(r"[01](\.[0-9]+)?")


class BadCallback(ValueError):
    """A genuine-looking webhook lacks what it must say. Names the field, never its value."""


class _Pairs:
    """A form that keeps repeated names, in the shape RequestValidator reads.

    It looks each name up, before anybody knows who sent the form: a look-up costs the same in a
    form of any length.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def getall(self, wanted: str) -> list[str]:
        return self._values[wanted]


def valid_signature(
    auth_token: str,
    url: str,
    params: Sequence[tuple[str, str]],
    signature: str,
    body: str | None = None,
) -> bool:
    """Whether Twilio signed this request.

    `url`: as configured at Twilio (the public one), with its query; a fragment is ignored.
    `params`: every pair of the form, blank values kept. `body`: the text of a JSON request.
    """
    validator = RequestValidator(auth_token)  # type: ignore[no-untyped-call]
    signed, address = _Pairs(params) if body is None else body, url.partition("#")[0]
    try:
        if body is None and _signs(validator, address, signed, signature):
            return True
        # With and without the port, in either of which the carrier may have signed it.
        return bool(validator.validate(address, signed, signature))  # type: ignore[no-untyped-call]
    except (TypeError, ValueError):
        return False


def _signs(validator: RequestValidator, address: str, signed: object, signature: str) -> bool:
    """Whether it is signed as it was asked for, as it nearly always is."""
    expected: str = validator.compute_signature(address, signed)  # type: ignore[no-untyped-call]
    return compare_digest(expected.encode(), signature.encode())


def callback_urls(public_url: str, token: str) -> CallbackUrls:
    """The six URLs of one attempt."""

    def of(kind: str) -> str:
        return f"{public_url.rstrip('/')}/twilio/{kind}/{token}"

    return CallbackUrls(
        voice=of("voice"),
        gather=of("gather"),
        status=of("status"),
        amd=of("amd"),
        recording=of("recording"),
        transfer=of("transfer"),
    )


def transfer_urls(public_url: str, token: str, transfer_id: str) -> TransferUrls:
    """The URLs of one transfer of an attempt."""
    base = f"{callback_urls(public_url, token).transfer}/{transfer_id}"
    return TransferUrls(*(f"{base}/{one.name}" for one in fields(TransferUrls)))


def parse_status(form: Form) -> CarrierEvent:
    """A progress callback; also fits the voice request, which has the same base fields.

    A status that is not known is no reason to refuse the rest: the carrier may add words.
    """
    word = _required(form, "CallStatus")
    status = _status(word)
    return CarrierEvent(
        sid=_sid(form),
        status=status,
        unknown_status=None if status else _harmless(word),
        sequence=_count(form, "SequenceNumber"),
        at=_instant(form, "Timestamp"),
        duration=_count(form, "CallDuration"),
        sip_code=_sip_code(form),
        answered_by=_text(form, "AnsweredBy"),
        recording_sid=_text(form, "RecordingSid"),
        recording_url=_text(form, "RecordingUrl"),
        recording_duration=_count(form, "RecordingDuration"),
    )


def parse_amd(form: Form) -> CarrierEvent:
    """The verdict of asynchronous machine detection."""
    answered_by = _required(form, "AnsweredBy")
    if not _VERDICT.fullmatch(answered_by):
        raise BadCallback("AnsweredBy is not a verdict")
    return CarrierEvent(sid=_sid(form), answered_by=answered_by)


def parse_recording(form: Form) -> CarrierEvent:
    """News of a recording: `recording_status` is in-progress, completed, absent or failed."""
    sid = _required(form, "RecordingSid")
    if len(sid) > _LONGEST:
        raise BadCallback("RecordingSid is not a sid")
    url = _text(form, "RecordingUrl") or ""
    return CarrierEvent(
        sid=_sid(form),
        at=_instant(form, "RecordingStartTime"),
        recording_sid=sid,
        recording_url=url if 0 < len(url) <= _LONGEST_URL else None,
        recording_status=_text(form, "RecordingStatus"),
        recording_duration=_count(form, "RecordingDuration"),
    )


def parse_gather(form: Form) -> GatherInput:
    """What a Gather heard; with neither digits nor speech it is the way on of silence."""
    confidence = _text(form, "Confidence") or ""
    return GatherInput(
        sid=_sid(form),
        digits=_text(form, "Digits"),
        speech=_text(form, "SpeechResult"),
        confidence=float(confidence) if _CONFIDENCE.fullmatch(confidence) else None,
    )


def parse_target(form: Form) -> TargetNews:
    """What is asked or told by a target's own leg."""
    return TargetNews(
        sid=_sid(form),
        parent=_known_sid(form, "ParentCallSid"),
        status=_text(form, "CallStatus") or "",
        duration=_count(form, "CallDuration"),
        digits=_text(form, "Digits"),
    )


def parse_target_status(form: Form) -> TargetNews:
    """How a target's own leg fares."""
    _required(form, "CallStatus")
    return parse_target(form)


def parse_dialed(form: Form) -> TargetNews:
    """How a Dial ended, as the callee's leg is told."""
    bridged = _text(form, "DialBridged")
    return TargetNews(
        sid=_known_sid(form, "DialCallSid"),
        parent=_sid(form),
        status=_required(form, "DialCallStatus"),
        duration=_count(form, "DialCallDuration"),
        was_bridged=None if bridged is None else bridged == "true",
    )


def parse_conference(form: Form) -> ConferenceNews:
    """What has become of a conference of ours."""
    _required(form, "ConferenceSid")
    return ConferenceNews(_harmless(_required(form, "StatusCallbackEvent")))


def _known_sid(form: Form, name: str) -> str | None:
    text = _text(form, name) or ""
    return text if _SID.fullmatch(text) else None


def parse_inbound(form: Form) -> InboundEvent:
    """A call or a text to one of our numbers."""
    sid = _text(form, "MessageSid") or _text(form, "CallSid")
    if sid is None or not _SID.fullmatch(sid):
        raise BadCallback("CallSid is missing")
    said, to = _text(form, "From") or "", _required(form, "To")
    if max(len(said), len(to)) > _LONGEST:
        raise BadCallback("From or To is longer than an address can be")
    return InboundEvent(sid=sid, from_="" if said in _WITHHELD else said, to=to)


def text_status_url(public_url: str, text_id: str) -> str:
    """Where is told what becomes of a text."""
    return f"{public_url.rstrip('/')}/twilio/texts/{text_id}"


def parse_text_status(form: Form) -> TextEvent:
    """What became of a text that we sent."""
    sid = _text(form, "MessageSid")
    if sid is None or not _SID.fullmatch(sid):
        raise BadCallback("MessageSid is missing")
    status = _required(form, "MessageStatus")
    if not _VERDICT.fullmatch(status):
        raise BadCallback("MessageStatus is no word")
    code = _text(form, "ErrorCode") or ""
    return TextEvent(sid, status, int(code) if _COUNT.fullmatch(code) else None)


def _text(form: Form, name: str) -> str | None:
    return form.get(name) or None


def _required(form: Form, name: str) -> str:
    value = _text(form, name)
    if value is None:
        raise BadCallback(f"{name} is missing")
    return value


def _sid(form: Form) -> str:
    sid = _required(form, "CallSid")
    if not _SID.fullmatch(sid):
        raise BadCallback("CallSid is not a sid")
    return sid


def _status(word: str) -> LegStatus | None:
    if word == _ANSWERED:
        return LegStatus.IN_PROGRESS
    return next((status for status in LegStatus if status.value == word), None)


def _harmless(word: str) -> str:
    """A word as it may stand in a log: it comes from outside and could hold anything."""
    return word if _WORD.fullmatch(word) else "?"


def _sip_code(form: Form) -> int | None:
    text = _text(form, "SipResponseCode") or ""
    return int(text) if _SIP_CODE.fullmatch(text) else None


def _count(form: Form, name: str) -> int | None:
    text = _text(form, name) or ""
    return int(text) if _COUNT.fullmatch(text) else None


def _instant(form: Form, name: str) -> datetime | None:
    try:
        at = parsedate_to_datetime((form.get(name) or "")[:_LONGEST])
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
