"""Twilio's Lookup v2, as far as a caller asks it about a number before dialing it."""

import asyncio
import hmac
import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from simulator.api.asgi import credentials_of, drop_connection, hold_connection
from simulator.api.wire import ApiError, refusal
from simulator.services import Services
from simulator.state.faults import lookup_fault
from simulator.state.lines import Line

E164 = re.compile(r"\+[1-9]\d{6,14}")
DAY = re.compile(r"\d{8}")
#: Packages that are known here; Twilio's code for another is its own for a bad parameter.
PACKAGES = {"line_type_intelligence", "reassigned_number"}
BAD_PARAMETER = 60600
PACKAGE_FAILED = 60616


def lookup_router(services: Services) -> APIRouter:
    """The routes below /v2, behind the account's credentials."""
    router = APIRouter(prefix="/v2")
    state = services.state

    @router.get("/PhoneNumbers/{number}")
    async def fetch(number: str, request: Request) -> Response:
        _check_auth(request, services)
        fields = request.query_params.get("Fields", "")
        since = request.query_params.get("LastVerifiedDate", "")
        _check_question(fields, since)
        fault = lookup_fault(state.faults, number, state.lookups_of[number])
        state.look_up(number, fields, since, answered=fault is None)
        if state.faults.lookup_seconds:
            await asyncio.sleep(state.faults.lookup_seconds)
        if fault is not None and fault != "no_package":
            return await _broken(services, fault, request)
        line = state.lines.get(number, Line())
        return JSONResponse(_answer(number, line, fields, since, failed=fault is not None))

    return router


def _check_auth(request: Request, services: Services) -> None:
    if services.state.faults.refuse is not None:
        raise refusal(services.state.faults.refuse)
    config = services.config
    expected = f"{config.account_sid}:{config.auth_token}".encode()
    if not hmac.compare_digest(credentials_of(request), expected):
        raise ApiError(20003, "Authenticate", 401)


def _check_question(fields: str, since: str) -> None:
    asked = {field for field in fields.split(",") if field}
    if not asked <= PACKAGES:
        raise ApiError(BAD_PARAMETER, f"Invalid parameter: Fields {fields}")
    if "reassigned_number" in asked and not DAY.fullmatch(since):
        raise ApiError(BAD_PARAMETER, "LastVerifiedDate is required for reassigned_number")


async def _broken(services: Services, fault: str, request: Request) -> Response:
    if fault == "429":
        raise ApiError(20429, "Too Many Requests", 429)
    if fault == "500":
        raise ApiError(20500, "An internal server error has occurred", 500)
    if fault == "wrong":
        return Response("<html><body>It works!</body></html>", media_type="text/html")
    if fault == "hang":
        return await hold_connection(request, services.config.hang_seconds)
    return await drop_connection(request)


def _answer(number: str, line: Line, fields: str, since: str, *, failed: bool) -> dict[str, Any]:
    asked = fields.split(",")
    is_valid = line.valid and E164.fullmatch(number) is not None
    error = PACKAGE_FAILED if failed else None
    has_line = is_valid and "line_type_intelligence" in asked
    return {
        "calling_country_code": "1" if number.startswith("+1") else None,
        "country_code": "US" if number.startswith("+1") else None,
        "phone_number": number,
        "national_format": number,
        "valid": is_valid,
        "validation_errors": [] if is_valid else ["INVALID_LENGTH"],
        "caller_name": None,
        "sim_swap": None,
        "call_forwarding": None,
        "line_status": None,
        "line_type_intelligence": _line(line, error) if has_line else None,
        "identity_match": None,
        "reassigned_number": _owner(line, since, error) if "reassigned_number" in asked else None,
        "sms_pumping_risk": None,
        "phone_number_quality_score": None,
        "pre_fill": None,
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
    }


def _line(line: Line, error: int | None) -> dict[str, Any]:
    return {
        "error_code": error,
        "mobile_country_code": "310",
        "mobile_network_code": "000",
        "carrier_name": None if error else line.carrier,
        "type": None if error else line.type,
    }


def _owner(line: Line, since: str, error: int | None) -> dict[str, Any]:
    return {
        "error_code": error,
        "last_verified_date": since,
        "is_number_reassigned": None if error else line.reassigned,
    }
