"""An account and its numbers: owned, verified, and registered with the Trust Hub.

Other accounts than the simulator's own have these and no calls.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from simulator.api.asgi import credentials_of, drop_connection
from simulator.api.wire import ApiError, account_uri, format_number, page_json, refusal
from simulator.callbacks.fields import API_VERSION, rfc2822
from simulator.services import Services
from simulator.state.accounts import DEFAULT_NUMBERS, SimulatedAccount, SimulatedNumber

ACCOUNT = f"/{API_VERSION}/Accounts/{{account_sid}}"
TRUST_HUB = "https://trusthub.twilio.com/v1"
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 1000
#: The policies that Twilio gives for SHAKEN/STIR and for caller names, and what they are of here.
POLICIES = {
    "RN7a97559effdf62d00f4298208492a5ea": "shaken_stir",
    "RNf3db3cd1fe25fcfd3c3ded065c8fea53": "caller_name",
}


_OWN = SimulatedAccount(numbers=[SimulatedNumber(number=one) for one in DEFAULT_NUMBERS])


def number_router(services: Services) -> APIRouter:
    """The account, its two lists of numbers, and what is registered of them."""
    router = APIRouter()
    _add_account(router, services)
    _add_lists(router, services)
    _add_trust_hub(router, services)
    return router


def _add_account(router: APIRouter, services: Services) -> None:
    @router.get(f"/{API_VERSION}/Accounts/{{account_sid}}.json")
    async def fetch(account_sid: str, request: Request) -> JSONResponse:
        account = _opened(request, services, account_sid)
        return JSONResponse(_account_json(account_sid, account, services))


def _add_lists(router: APIRouter, services: Services) -> None:
    @router.get(f"{ACCOUNT}/IncomingPhoneNumbers.json")
    async def owned(account_sid: str, request: Request) -> Response:
        return await _listed(services, request, account_sid, "owned")

    @router.get(f"{ACCOUNT}/OutgoingCallerIds.json")
    async def verified(account_sid: str, request: Request) -> Response:
        return await _listed(services, request, account_sid, "verified")


def _add_trust_hub(router: APIRouter, services: Services) -> None:
    @router.get("/v1/TrustProducts")
    async def products(request: Request) -> JSONResponse:
        sid, account = _opened_by_itself(request, services)
        policy = request.query_params.get("PolicySid", "")
        found = [
            {"sid": _product(policy, status), "account_sid": sid, "policy_sid": policy}
            | {"friendly_name": "registration", "status": status, "email": "ops@example.com"}
            for status in _statuses(account, policy)
        ]
        return JSONResponse(_hub_page("results", found, "TrustProducts"))

    @router.get("/v1/TrustProducts/{product}/ChannelEndpointAssignments")
    async def places(product: str, request: Request) -> JSONResponse:
        sid, account = _opened_by_itself(request, services)
        found = [
            {"sid": "RA" + one.sid_of(sid)[2:], "trust_product_sid": product, "account_sid": sid}
            | {
                "channel_endpoint_type": "phone-number",
                "channel_endpoint_sid": one.sid_of(sid),
            }
            for one in account.numbers
            for policy in POLICIES
            if (status := _status(one, policy)) and _product(policy, status) == product
        ]
        return JSONResponse(_hub_page("results", found, "ChannelEndpointAssignments"))


async def _listed(services: Services, request: Request, sid: str, kind: str) -> Response:
    account = _opened(request, services, sid)
    fault = services.state.faults.number_lists
    if fault == "drop":
        return await drop_connection(request)
    if fault == "500":
        raise ApiError(20500, "An internal server error has occurred", 500)
    wanted = request.query_params.get("PhoneNumber")
    numbers = [one for one in account.numbers if one.kind == kind]
    numbers = [one for one in numbers if wanted is None or one.number == wanted]
    key, file = {
        "owned": ("incoming_phone_numbers", "IncomingPhoneNumbers"),
        "verified": ("outgoing_caller_ids", "OutgoingCallerIds"),
    }[kind]
    path = f"{account_uri(sid)}/{file}.json"
    shown = [_number_json(one, sid, path) for one in numbers]
    return JSONResponse(_page(request, key, shown, path, is_endless=fault == "endless"))


def _page(
    request: Request, key: str, items: Sequence[dict[str, Any]], path: str, *, is_endless: bool
) -> dict[str, Any]:
    query = request.query_params
    size = max(1, min(_whole(query.get("PageSize"), DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE))
    page = _whole(query.get("Page"), 0)
    shown = list(items[page * size : (page + 1) * size])
    goes_on = is_endless or len(items) > (page + 1) * size
    return page_json(
        key,
        shown,
        path=path,
        query=[],
        page=page,
        page_size=size,
        next_token=f"PA{page + 1}" if goes_on else None,
    )


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def _number_json(one: SimulatedNumber, account_sid: str, path: str) -> dict[str, Any]:
    sid = one.sid_of(account_sid)
    shown = {
        "sid": sid,
        "account_sid": account_sid,
        "friendly_name": one.name or format_number(one.number),
        "phone_number": one.number,
        "date_created": rfc2822(0.0),
        "date_updated": rfc2822(0.0),
        "uri": f"{path.removesuffix('.json')}/{sid}.json",
    }
    if one.kind == "verified":
        return shown
    more = {"voice": one.voice, "sms": True, "mms": False, "fax": False}
    return {**shown, "capabilities": more, "origin": "twilio", "status": "in-use", "beta": False}


def _account_json(sid: str, account: SimulatedAccount, services: Services) -> dict[str, Any]:
    return {
        "sid": sid,
        "friendly_name": "simulated",
        "status": account.status,
        "type": account.kind,
        "owner_account_sid": sid,
        "date_created": rfc2822(0.0),
        "date_updated": rfc2822(services.clock.wall()),
        "uri": f"{account_uri(sid)}.json",
    }


def _opened(request: Request, services: Services, sid: str) -> SimulatedAccount:
    """The account whose credentials are given; refused as every other request is."""
    refuse = services.state.faults.refuse
    if refuse is not None:
        raise refusal(refuse)
    user, token = _user_and_token(request)
    account = services.state.accounts.get(sid, SimulatedAccount())
    tokens = [*account.tokens]
    if sid == services.config.account_sid:
        account = services.state.accounts.get(sid, _OWN)
        tokens.append(services.config.auth_token)
    if user != sid or token not in tokens:
        raise ApiError(20003, "Authenticate", 401)
    return account


def _opened_by_itself(request: Request, services: Services) -> tuple[str, SimulatedAccount]:
    """The Trust Hub has no account in its paths: it is that of the credentials."""
    sid, _ = _user_and_token(request)
    return sid, _opened(request, services, sid)


def _user_and_token(request: Request) -> tuple[str, str]:
    user, _, token = credentials_of(request).decode("utf-8", "replace").partition(":")
    return user, token


def _status(one: SimulatedNumber, policy: str) -> str | None:
    found: str | None = getattr(one, POLICIES[policy], None)
    return found


def _statuses(account: SimulatedAccount, policy: str) -> list[str]:
    if policy not in POLICIES:
        return []
    found = (_status(one, policy) for one in account.numbers if one.kind == "owned")
    return sorted({status for status in found if status is not None})


def _product(policy: str, status: str) -> str:
    """One for each standing: what is registered together stands alike."""
    return "BU" + hashlib.sha256(f"{policy} {status}".encode()).hexdigest()[:32]


def _hub_page(key: str, items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    meta = {"page": 0, "page_size": 50, "key": key, "url": f"{TRUST_HUB}/{name}"}
    links = {"first_page_url": None, "next_page_url": None, "previous_page_url": None}
    return {"meta": {**meta, **links}, key: items}
