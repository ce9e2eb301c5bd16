"""What Twilio refuses before it makes a call, with its codes."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from simulator.api.wire import ApiError
from simulator.state.ledger import Params

E164 = re.compile(r"\+[1-9]\d{6,14}")
SIP = re.compile(r"sips?:[^@\s]+@\S+")
CLIENT = re.compile(r"client:\S+")

EVENTS = {"initiated", "ringing", "answered", "completed"}
METHODS = {"GET", "POST"}
DETECTIONS = {"Enable", "DetectMessageEnd"}
MAX_TWIML = 4000

# Twilio's generic code for a bad parameter; which code a number out of range really gets is
# not documented.
BAD_PARAMETER = 20001
#: Of what Branded Calling shows; its display name and logo are registered, not sent.
LONGEST_REASON = 64

CALLBACK_URLS = ("StatusCallback", "AsyncAmdStatusCallback", "RecordingStatusCallback")
METHOD_PARAMS = (
    "Method",
    "FallbackMethod",
    "StatusCallbackMethod",
    "AsyncAmdStatusCallbackMethod",
    "RecordingStatusCallbackMethod",
)
RANGES: dict[str, tuple[int, int]] = {
    "Timeout": (1, 600),
    "TimeLimit": (1, 86_400),
    "MachineDetectionTimeout": (3, 59),
    "MachineDetectionSpeechThreshold": (1000, 6000),
    "MachineDetectionSpeechEndThreshold": (500, 5000),
    "MachineDetectionSilenceTimeout": (2000, 10_000),
}


def check_create(params: Params) -> None:
    """Raise the ApiError that a create request with these parameters earns."""
    _check_parties(params)
    _check_document(params)
    check_methods(params)
    for name in CALLBACK_URLS:
        _check(params, name, _is_http, 21609, "is not a valid URL")
    events = " ".join(_all(params, "StatusCallbackEvent")).split()
    if not set(events) <= EVENTS:
        raise ApiError(21626, f"Invalid StatusCallbackEvent: {' '.join(events)}")
    _check(params, "SendDigits", _is_digits, 21208, "is not valid")
    _check(params, "CallReason", _is_reason, BAD_PARAMETER, f"exceeds {LONGEST_REASON} characters")
    _check(params, "MachineDetection", DETECTIONS.__contains__, 21209, "is not valid")
    for name, bounds in RANGES.items():
        _check(params, name, _within(bounds), BAD_PARAMETER, f"must be {bounds[0]} to {bounds[1]}")


def _is_reason(text: str) -> bool:
    return len(text) <= LONGEST_REASON


def check_methods(params: Params) -> None:
    """Refuse HTTP methods Twilio does not use."""
    for name in METHOD_PARAMS:
        _check(params, name, METHODS.__contains__, 21206, "must be GET or POST")


def check_url(params: Params) -> None:
    """Refuse a Url or FallbackUrl that is not absolute http(s)."""
    _check(params, "Url", _is_http, 21205, "is not a valid URL")
    _check(params, "FallbackUrl", _is_http, 21205, "is not a valid URL")


def _check_parties(params: Params) -> None:
    to, from_ = _one(params, "To"), _one(params, "From")
    if not to:
        raise ApiError(21201, "No 'To' number is specified")
    if not from_:
        raise ApiError(21213, "No 'From' number is specified")
    if not (E164.fullmatch(to) or SIP.fullmatch(to) or CLIENT.fullmatch(to)):
        raise ApiError(21211, f"Invalid 'To' Phone Number: {to}")
    if not (E164.fullmatch(from_) or SIP.fullmatch(from_) or CLIENT.fullmatch(from_)):
        raise ApiError(21212, f"Invalid 'From' Phone Number: {from_}")


def _check_document(params: Params) -> None:
    check_url(params)
    twiml = _one(params, "Twiml")
    if not _one(params, "Url") and not twiml:
        raise ApiError(21205, "Url parameter is required")
    if twiml and len(twiml) > MAX_TWIML:
        raise ApiError(BAD_PARAMETER, f"Twiml must not exceed {MAX_TWIML} characters")


def _check(
    params: Params, name: str, valid: Callable[[str], bool], code: int, complaint: str
) -> None:
    value = _one(params, name)
    if value and not valid(value):
        raise ApiError(code, f"{name} {complaint}: {value}")


def _one(params: Params, name: str) -> str:
    values = _all(params, name)
    return values[-1] if values else ""


def _all(params: Params, name: str) -> list[str]:
    value = params.get(name, [])
    return value if isinstance(value, list) else [value]


def _is_http(value: str) -> bool:
    try:
        url = urlsplit(value)
        return url.scheme in ("http", "https") and bool(url.hostname)
    except ValueError:
        return False


def _is_digits(value: str) -> bool:
    return len(value) <= 32 and re.fullmatch(r"[0-9#*wWA-D]+", value) is not None


def _within(bounds: tuple[int, int]) -> Callable[[str], bool]:
    def valid(value: str) -> bool:
        return value.isdigit() and bounds[0] <= int(value) <= bounds[1]

    return valid
