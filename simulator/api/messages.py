"""Twilio's Messages: a text is taken, or refused as one to a number that cannot be sent one."""

import asyncio
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from simulator.api.asgi import check_auth, drop_connection, read_form
from simulator.api.wire import ApiError, account_uri
from simulator.callbacks.fields import API_VERSION, rfc2822
from simulator.services import Services
from simulator.state.ledger import Params

LONGEST = 1600
#: By the last digits of a fictional number, as for calls: see the README.
_REFUSED = {
    "0168": (21211, "Invalid 'To' Phone Number"),
    "0170": (21610, "Attempt to send to unsubscribed recipient"),
    "0176": (21408, "Permission to send an SMS has not been enabled for the region"),
}
_BROKEN = {"0174": "500", "0175": "drop"}
#: What is taken and does not arrive: the last status, and why.
_UNDELIVERED = {"0165": ("undelivered", 30003), "0166": ("failed", 21610)}
#: Simulated seconds from one status to the next.
_LAG = 1.0


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text that was taken. Instants are real seconds since the epoch."""

    sid: str
    to: str
    from_: str
    body: str
    created_at: float
    statuses: list[str] = field(default_factory=lambda: ["queued"])


def message_router(services: Services, taken: list[TextRecord]) -> APIRouter:
    """The routes of Messages. What was taken is kept while the simulator runs."""
    router = APIRouter(prefix=f"/{API_VERSION}/Accounts/{{account_sid}}")
    telling: set[asyncio.Task[None]] = set()

    @router.post("/Messages.json")
    async def create(request: Request) -> Response:
        check_auth(request, services)
        params = await read_form(request)
        to, from_, body = (_needed(params, name) for name in ("To", "From", "Body"))
        ending = to[-4:]
        if ending in _REFUSED:
            code, message = _REFUSED[ending]
            raise ApiError(code, message)
        record = TextRecord(f"SM{token_hex(16)}", to, from_, body, services.clock.wall())
        taken.append(record)
        if told_at := params.get("StatusCallback"):
            task = asyncio.create_task(_tell(services, record, str(told_at)))
            telling.add(task)
            task.add_done_callback(telling.discard)
        if _BROKEN.get(ending) == "500":
            raise ApiError(20500, "An internal server error has occurred", 500)
        if _BROKEN.get(ending) == "drop":
            return await drop_connection(request)
        return JSONResponse(_message_json(services, record), status_code=201)

    return router


async def _tell(services: Services, record: TextRecord, url: str) -> None:
    """Each status in turn, as far as the text comes."""
    last, code = _UNDELIVERED.get(record.to[-4:], ("delivered", None))
    for status in ("sent", last):
        await services.clock.sleep(_LAG)
        record.statuses.append(status)
        fields = [
            ("AccountSid", services.config.account_sid),
            ("ApiVersion", API_VERSION),
            ("From", record.from_),
            ("MessageSid", record.sid),
            ("MessageStatus", status),
            ("SmsSid", record.sid),
            ("SmsStatus", status),
            ("To", record.to),
        ]
        if code is not None and status == last:
            fields.append(("ErrorCode", str(code)))
        await services.webhooks.send(url, "POST", fields, f"{record.sid}/{status}")


def _needed(params: Params, name: str) -> str:
    value = params.get(name)
    text = value[-1] if isinstance(value, list) else value
    missing = {"To": 21604, "From": 21603, "Body": 21602}
    if not text:
        raise ApiError(missing[name], f"A '{name}' is required.")
    if name == "Body" and len(text) > LONGEST:
        raise ApiError(21617, "The concatenated message body exceeds the 1600 character limit")
    return text


def _message_json(services: Services, record: TextRecord) -> dict[str, Any]:
    account_sid = services.config.account_sid
    made = rfc2822(record.created_at)
    return {
        "sid": record.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "to": record.to,
        "from": record.from_,
        "body": record.body,
        "status": "queued",
        "direction": "outbound-api",
        "date_created": made,
        "date_updated": made,
        "date_sent": None,
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "uri": f"{account_uri(account_sid)}/Messages/{record.sid}.json",
        "subresource_uris": {},
    }


def taken_json(record: TextRecord) -> dict[str, Any]:
    """As the control API shows it."""
    return {
        "sid": record.sid,
        "to": record.to,
        "from": record.from_,
        "body": record.body,
        "statuses": record.statuses,
    }
