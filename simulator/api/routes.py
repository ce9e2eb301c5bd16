"""Twilio's REST API, as far as an outbound caller uses it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.api import validation
from simulator.api.asgi import check_auth, drop_connection, hold_connection, read_form
from simulator.api.call_list import list_calls
from simulator.api.wire import (
    ApiError,
    account_uri,
    call_json,
    fresh_call_json,
    page_json,
    recording_json,
)
from simulator.callbacks.fields import API_VERSION
from simulator.calls.engine import Engine
from simulator.calls.recordings import part_of, silence_wav
from simulator.calls.twiml import Source
from simulator.services import Services
from simulator.state.faults import create_fault
from simulator.state.ledger import CallRecord, Params
from simulator.state.scripts import REFUSALS, AnswerEntry, CreateMode, ScriptEntry

NOT_IN_PROGRESS = ApiError(21220, "Call is not in-progress. Cannot redirect.")
ACCOUNT = f"/{API_VERSION}/Accounts/{{account_sid}}"


def api_router(services: Services, engine: Engine) -> APIRouter:
    """The routes below /2010-04-01, all behind the account's credentials."""
    router = APIRouter(prefix=ACCOUNT)
    _add_calls(router, services, engine)
    _add_recordings(router, services)
    return router


def create_route(services: Services, engine: Engine) -> Route:
    """POST Calls.json, what a simulator is asked for most: past FastAPI's layers, which add nothing
    to a request that reads its form itself."""

    async def create(request: Request) -> Response:
        check_auth(request, services)
        params = await read_form(request)
        validation.check_create(params)
        return await _create(services, engine, params, request)

    return Route(f"{ACCOUNT}/Calls.json", create, methods=["POST"])


def _add_calls(router: APIRouter, services: Services, engine: Engine) -> None:
    @router.get("/Calls.json")
    async def read(request: Request) -> JSONResponse:
        check_auth(request, services)
        return JSONResponse(list_calls(services, request.query_params))

    @router.get("/Calls/{sid}.json")
    async def fetch(sid: str, request: Request) -> JSONResponse:
        check_auth(request, services)
        return _rendered(services, _find(services, sid))

    @router.post("/Calls/{sid}.json")
    async def update(sid: str, request: Request) -> JSONResponse:
        check_auth(request, services)
        params = await read_form(request)
        record = _find(services, sid)
        await _update(engine, record, params)
        return _rendered(services, record)


def _add_recordings(router: APIRouter, services: Services) -> None:
    @router.get("/Calls/{sid}/Recordings.json")
    async def read(sid: str, request: Request) -> JSONResponse:
        check_auth(request, services)
        return JSONResponse(_recordings_page(services, _find(services, sid)))

    @router.get("/Recordings/{name}")
    async def fetch(name: str, request: Request) -> Response:
        check_auth(request, services)
        sid, _, suffix = name.partition(".")
        record, recording = _find_recording(services, sid)
        if suffix == "json":
            return JSONResponse(recording_json(record, recording, services.config.account_sid))
        kind = "audio/mpeg" if suffix == "mp3" else "audio/x-wav"
        return _sound(silence_wav(recording["duration"]), kind, request)

    @router.delete("/Recordings/{sid}.json")
    async def delete(sid: str, request: Request) -> Response:
        check_auth(request, services)
        record, _ = _find_recording(services, sid)
        services.state.delete_recording(record, sid)
        return Response(status_code=204)


async def _create(services: Services, engine: Engine, params: Params, request: Request) -> Response:
    state, to, from_ = services.state, _text(params, "To"), _text(params, "From")
    entry = state.next_entry(to)
    fault = create_fault(state.faults, to, state.requests[to]) or _scripted_fault(entry)
    if fault in ("500_before", "429"):
        state.refuse(to, attempted=False)
        raise _refusal_of(fault)
    if entry in REFUSALS:
        state.refuse(to, attempted=True)
        raise _scripted_refusal(str(entry), to)
    record = engine.create(to, from_, params)
    if fault is not None:
        return await _break_response(services, fault, request)
    account_sid = services.config.account_sid
    return JSONResponse(fresh_call_json(record, account_sid, services.clock), status_code=201)


def _scripted_fault(entry: ScriptEntry) -> CreateMode | None:
    return entry.create if isinstance(entry, AnswerEntry) else None


def _refusal_of(fault: CreateMode) -> ApiError:
    if fault == "429":
        return ApiError(20429, "Too Many Requests", 429)
    return ApiError(20500, "An internal server error has occurred", 500)


def _scripted_refusal(entry: str, to: str) -> ApiError:
    if entry == "invalid":
        return ApiError(21211, f"Invalid 'To' Phone Number: {to}")
    return ApiError(
        21215,
        f"Account not authorized to call {to}. Perhaps you need to enable some international "
        "permissions: https://www.twilio.com/console/voice/calls/geo-permissions/low-risk",
    )


async def _break_response(services: Services, fault: CreateMode, request: Request) -> Response:
    if fault == "hang":
        return await hold_connection(request, services.config.hang_seconds)
    if fault == "drop_response":
        return await drop_connection(request)
    raise _refusal_of(fault)


async def _update(engine: Engine, record: CallRecord, params: Params) -> None:
    status = _text(params, "Status")
    if status not in ("", "canceled", "completed"):
        raise ApiError(validation.BAD_PARAMETER, f"Invalid Status: {status}")
    if status:
        await _end(engine, record, status)
        return
    validation.check_url(params)
    validation.check_methods(params)
    if record.status != "in-progress":
        raise NOT_IN_PROGRESS
    engine.redirect(record, _redirection(params))


async def _end(engine: Engine, record: CallRecord, status: str) -> None:
    if record.ended or (status == "canceled" and record.status == "in-progress"):
        raise NOT_IN_PROGRESS
    # A call hung up before anybody answered never was completed.
    answered = record.status == "in-progress"
    await engine.end(record, "completed" if answered else "canceled")


def _redirection(params: Params) -> Source:
    url = _text(params, "Url")
    if url:
        return Source(url=url, method=_text(params, "Method") or "POST")
    if not params.get("Twiml"):
        raise ApiError(validation.BAD_PARAMETER, "Nothing to update: no Status, Url or Twiml")
    return Source(text=_text(params, "Twiml"))


def _find(services: Services, sid: str) -> CallRecord:
    record = services.state.ledger.by_sid.get(sid)
    if record is None:
        uri = f"{account_uri(services.config.account_sid)}/Calls/{sid}.json"
        raise ApiError(20404, f"The requested resource {uri} was not found", 404)
    return record


def _find_recording(services: Services, sid: str) -> tuple[CallRecord, dict[str, Any]]:
    found = services.state.ledger.recordings.get(sid)
    if found is None:
        uri = f"{account_uri(services.config.account_sid)}/Recordings/{sid}.json"
        raise ApiError(20404, f"The requested resource {uri} was not found", 404)
    return found


def _sound(sound: bytes, kind: str, request: Request) -> Response:
    """The whole, or the part that was asked for."""
    headers = {"Accept-Ranges": "bytes"}
    try:
        part = part_of(len(sound), request.headers.get("Range"))
    except IndexError:
        headers["Content-Range"] = f"bytes */{len(sound)}"
        return Response(status_code=416, headers=headers)
    if part is None:
        return Response(sound, media_type=kind, headers=headers)
    first, end = part
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(sound)}"
    return Response(sound[first:end], 206, headers, media_type=kind)


def _rendered(services: Services, record: CallRecord) -> JSONResponse:
    return JSONResponse(call_json(record, services.config.account_sid, services.clock))


def _recordings_page(services: Services, record: CallRecord) -> dict[str, Any]:
    account_sid = services.config.account_sid
    items = [recording_json(record, item, account_sid) for item in record.recordings]
    path = f"{account_uri(account_sid)}/Calls/{record.sid}/Recordings.json"
    return page_json(
        "recordings", items, path=path, query=[], page=0, page_size=50, next_token=None
    )


def _text(params: Params, name: str) -> str:
    value = params.get(name, "")
    return value[-1] if isinstance(value, list) else value
