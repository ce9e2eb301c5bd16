"""Twilio's JSON: resources, pages and errors."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from simulator.callbacks.fields import API_VERSION, rfc2822
from simulator.state.clock import Clock
from simulator.state.ledger import CallRecord

PRICE_A_MINUTE = 0.014
# Simulated seconds between a call's end and its price.
PRICE_AFTER = 5.0
SUBRESOURCES = {
    "events": "Events.json",
    "notifications": "Notifications.json",
    "payments": "Payments.json",
    "recordings": "Recordings.json",
    "siprec": "Siprec.json",
    "streams": "Streams.json",
    "transcriptions": "Transcriptions.json",
    "user_defined_message_subscriptions": "UserDefinedMessageSubscriptions.json",
    "user_defined_messages": "UserDefinedMessages.json",
}


class ApiError(Exception):
    """A refusal with Twilio's code; rendered once, by the app's handler."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def to_json(self) -> dict[str, Any]:
        """The error as Twilio shapes it."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


class ProxyError(Exception):
    """A refusal by something before Twilio, which knows nothing of its JSON."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status

    def to_html(self) -> str:
        """The page that a proxy shows."""
        return f"<html><body><h1>{self.status} {HTTPStatus(self.status).phrase}</h1></body></html>"


def refusal(mode: str) -> ApiError | ProxyError:
    """What `refuse` among the faults answers."""
    if mode == "401":
        return ApiError(20003, "Authenticate", 401)
    if mode == "403":
        return ApiError(20005, "Account not active", 403)
    return ProxyError(int(mode.removeprefix("html_")))


def account_uri(account_sid: str) -> str:
    """The account's path, without `.json`."""
    return f"/{API_VERSION}/Accounts/{account_sid}"


def call_json(record: CallRecord, account_sid: str, clock: Clock) -> dict[str, Any]:
    """A call resource: strings or null throughout."""
    uri = f"{account_uri(account_sid)}/Calls/{record.sid}"
    return {
        "sid": record.sid,
        "date_created": rfc2822(record.created_at),
        "date_updated": rfc2822(_updated_at(record)),
        "parent_call_sid": None,
        "account_sid": account_sid,
        "to": record.to,
        "to_formatted": format_number(record.to),
        "from": record.from_,
        "from_formatted": format_number(record.from_),
        "phone_number_sid": None,
        "status": record.status,
        "start_time": _date(record.started_at),
        "end_time": _date(record.ended_at),
        "duration": _duration(record),
        "price": _price(record, clock),
        "price_unit": "USD",
        "direction": record.direction,
        "answered_by": record.answered_by,
        "annotation": None,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(record.queue_ms),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {name: f"{uri}/{file}" for name, file in SUBRESOURCES.items()},
    }


def fresh_call_json(record: CallRecord, account_sid: str, clock: Clock) -> dict[str, Any]:
    """The answer to a create: the dates are not filled yet."""
    dates = {"date_created": None, "date_updated": None, "start_time": None}
    return {**call_json(record, account_sid, clock), **dates, "status": "queued"}


def recording_json(
    record: CallRecord, recording: dict[str, Any], account_sid: str
) -> dict[str, Any]:
    """A recording resource."""
    uri = f"{account_uri(account_sid)}/Recordings/{recording['sid']}"
    finished = rfc2822(recording["started_at"] + recording["duration"])
    return {
        "sid": recording["sid"],
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "call_sid": record.sid,
        "conference_sid": None,
        "date_created": rfc2822(recording["started_at"]),
        "date_updated": finished,
        "start_time": rfc2822(recording["started_at"]),
        "duration": str(recording["duration"]),
        "price": None,
        "price_unit": "USD",
        "status": "completed",
        "channels": recording["channels"],
        "source": recording["source"],
        "error_code": None,
        "encryption_details": None,
        "media_url": recording["url"],
        "uri": f"{uri}.json",
        "subresource_uris": {
            "add_on_results": f"{uri}/AddOnResults.json",
            "transcriptions": f"{uri}/Transcriptions.json",
        },
    }


def page_json(
    key: str,
    items: list[dict[str, Any]],
    *,
    path: str,
    query: list[tuple[str, str]],
    page: int,
    page_size: int,
    next_token: str | None,
) -> dict[str, Any]:
    """One page of a list. query: the filters; next_token: where the next page begins."""

    def uri(number: int, token: str | None = None) -> str:
        paging = [("PageSize", str(page_size)), ("Page", str(number))]
        paging += [("PageToken", token)] if token else []
        return f"{path}?{urlencode(query + paging)}"

    return {
        key: items,
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1, next_token) if next_token else None,
        "previous_page_uri": None if page == 0 else uri(page - 1),
        "uri": uri(page),
        "page": page,
        "page_size": page_size,
        "start": page * page_size,
        "end": page * page_size + max(0, len(items) - 1),
    }


def format_number(number: str) -> str:
    """A North American number for display; others as they are."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def _date(instant: float | None) -> str | None:
    return None if instant is None else rfc2822(instant)


def _updated_at(record: CallRecord) -> float:
    instants = (record.ended_at, record.answered_at, record.started_at)
    return next((instant for instant in instants if instant is not None), record.created_at)


def _duration(record: CallRecord) -> str | None:
    return None if record.duration is None else str(record.duration)


def _price(record: CallRecord, clock: Clock) -> str | None:
    if record.ended_at is None or record.duration is None:
        return None
    if (clock.wall() - record.ended_at) * clock.speed < PRICE_AFTER:
        return None
    minutes = -(-record.duration // 60)
    return f"-{max(1, minutes) * PRICE_A_MINUTE:.5f}"
