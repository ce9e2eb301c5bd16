"""The control API: what tests and demos use to direct the simulator and to see the truth."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from simulator.api.messages import TextRecord, taken_json
from simulator.calls.engine import Engine
from simulator.services import Services
from simulator.state.accounts import SimulatedAccount
from simulator.state.faults import Faults
from simulator.state.ledger import ledger_view
from simulator.state.lines import Line
from simulator.state.scripts import Script, to_json

#: For the FallbackUrl of a create request.
SORRY = (
    "<Response><Say>Sorry, something went wrong on our side. We will call you again. Goodbye."
    "</Say></Response>"
)


class ScriptBody(BaseModel):
    """`{"script": ["busy", {"answer": {"after": 1.5}}]}`: one entry an attempt."""

    model_config = ConfigDict(extra="forbid")

    script: Script


class ClockBody(BaseModel):
    """`{"speed": 20}`: simulated seconds per real second."""

    model_config = ConfigDict(extra="forbid")

    speed: float = Field(gt=0)


def control_router(
    services: Services, engine: Engine, texts: Sequence[TextRecord] = ()
) -> APIRouter:
    """The routes below /_sim, without authentication."""
    router = APIRouter(prefix="/_sim")

    @router.get("/texts")
    async def texts_taken() -> dict[str, Any]:
        return {"texts": [taken_json(one) for one in texts]}

    _add_documents(router)
    _add_settings(router, services)
    _add_numbers(router, services)
    _add_lines(router, services)
    _add_ledger(router, services, engine)
    return router


def _add_documents(router: APIRouter) -> None:
    @router.api_route("/sorry", methods=["GET", "POST"])
    async def sorry() -> Response:
        """A TwiML Bin: what a leg hears whose application does not answer."""
        return Response(SORRY, media_type="text/xml")


def _add_settings(router: APIRouter, services: Services) -> None:
    state = services.state

    @router.put("/faults")
    async def put_faults(faults: Faults) -> Faults:
        state.put_faults(faults)
        return state.faults

    @router.get("/faults")
    async def get_faults() -> Faults:
        return state.faults

    @router.put("/accounts/{sid}")
    async def put_account(sid: str, account: SimulatedAccount) -> SimulatedAccount:
        state.put_account(sid, account)
        return account

    @router.put("/clock")
    async def put_clock(body: ClockBody) -> ClockBody:
        state.put_speed(body.speed)
        return body


def _add_numbers(router: APIRouter, services: Services) -> None:
    state = services.state

    @router.put("/numbers/{number:path}")
    async def put_number(number: str, body: ScriptBody) -> dict[str, Any]:
        state.put_script(number, body.script)
        return _number_view(services, number)

    @router.get("/numbers/{number:path}")
    async def get_number(number: str) -> dict[str, Any]:
        return _number_view(services, number)


def _add_lines(router: APIRouter, services: Services) -> None:
    state = services.state

    @router.put("/lines/{number:path}")
    async def put_line(number: str, line: Line) -> Line:
        """What questions about a number are answered with."""
        state.put_line(number, line)
        return line

    @router.get("/lookups")
    async def get_lookups() -> dict[str, Any]:
        """Every question about a number, in their order."""
        return {"lookups": state.lookups}


def _add_ledger(router: APIRouter, services: Services, engine: Engine) -> None:
    ledger_of = services.state

    @router.get("/calls")
    async def get_calls(to: str | None = None) -> dict[str, Any]:
        # An unescaped plus sign of a number arrives as a space.
        number = to.replace(" ", "+") if to else None
        return {"calls": [ledger_view(record) for record in ledger_of.ledger.of_number(number)]}

    @router.post("/reset")
    async def reset() -> dict[str, str]:
        await engine.reset()
        return {"status": "ok"}

    @router.get("/health")
    async def health() -> dict[str, Any]:
        return {
            "status": "ok",
            "speed": services.clock.speed,
            "calls": len(ledger_of.ledger.calls),
            "live": engine.live,
            "pendingCallbacks": services.callbacks.pending,
        }


def _number_view(services: Services, number: str) -> dict[str, Any]:
    state = services.state
    return {
        "number": number,
        "script": [to_json(entry) for entry in state.script_of(number)],
        "attempts": state.attempts[number],
    }
