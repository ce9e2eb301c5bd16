"""Composition root: one FastAPI app, one simulated account, one provider of single sign-on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from simulator.api.control_routes import control_router
from simulator.api.lookup_routes import lookup_router
from simulator.api.messages import TextRecord, message_router
from simulator.api.number_routes import number_router
from simulator.api.routes import api_router, create_route
from simulator.api.wire import ApiError, ProxyError
from simulator.callbacks.callbacks import Callbacks
from simulator.callbacks.webhooks import Webhooks
from simulator.calls.engine import Engine
from simulator.config import SimulatorConfig
from simulator.services import Services
from simulator.sign_on.provider import PATH as SIGN_ON_PATH
from simulator.sign_on.provider import SignOn, sign_on_router
from simulator.state.clock import Clock, DialQueue
from simulator.state.journal import Journal
from simulator.state.state import State


def create_app(config: SimulatorConfig) -> FastAPI:
    """The simulator as an app; its journal is read and calls go on when the app starts."""
    services = _make_services(config)
    engine = Engine(services)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.state.load()
        engine.recover()
        yield
        await engine.stop()
        services.webhooks.close()
        services.state.close()

    app = FastAPI(
        title="Twilio simulator",
        lifespan=lifespan,
        openapi_url=None,
        routes=[create_route(services, engine)],
    )
    app.include_router(api_router(services, engine))
    app.include_router(number_router(services))
    app.include_router(lookup_router(services))
    texts: list[TextRecord] = []
    app.include_router(message_router(services, texts))
    app.include_router(control_router(services, engine, texts))
    app.include_router(sign_on_router(SignOn(config.base_url + SIGN_ON_PATH)))
    app.add_exception_handler(ApiError, _render_api_error)
    app.add_exception_handler(ProxyError, _render_proxy_error)
    app.add_exception_handler(HTTPException, _render_http_error)
    return app


def _make_services(config: SimulatorConfig) -> Services:
    clock = Clock(config.speed)
    state = State(clock, Journal(config.state))
    webhooks = Webhooks(config.auth_token)
    callbacks = Callbacks(config.account_sid, clock, state, webhooks)
    return Services(config, clock, state, webhooks, callbacks, DialQueue(clock, config.cps))


async def _render_api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return JSONResponse(error.to_json(), status_code=error.status)


async def _render_proxy_error(_request: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, ProxyError)
    return HTMLResponse(error.to_html(), status_code=error.status)


async def _render_http_error(request: Request, error: Exception) -> JSONResponse:
    """Unknown paths and methods, in Twilio's shape."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        message = f"The requested resource {request.url.path} was not found"
        return JSONResponse(ApiError(20404, message, 404).to_json(), status_code=404)
    refused = ApiError(20004, str(error.detail), error.status_code)
    return JSONResponse(refused.to_json(), status_code=error.status_code)
