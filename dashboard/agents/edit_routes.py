"""/dashboard/agents/new and …/edit: an agent filled in."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.accounts import agent_routes as rest
from api.accounts.agent_routes import Reader, Writer
from api.http.deps import Services, Uses
from api.http.problems import Problem
from api.replan.schemas import MovesView
from dashboard.agents import agent_words
from dashboard.agents.agent_form import (
    AgentForm,
    form_of,
    patch_of,
    read_form,
    request_of,
    said_at,
)
from dashboard.forms.form_errors import FormErrors
from dashboard.page import back, page, viewer_zone_name
from dashboard.session.session import SignedIn
from dashboard.viewer import zone_names
from dashboard.week_words import DAYS
from policy.model.call import DaypartChoice
from policy.model.purposes import Notice, Purpose
from storage.accounts import pathways
from storage.tables import Account, Agent

router = APIRouter(prefix="/agents", route_class=SignedIn)
Step = Annotated[str, Form(max_length=20)]
NEW = "/dashboard/agents/new"
_OFFERED = 500


@router.get("/new")
async def new_agent(
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    pathway: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The form, with the defaults, on the clock of whoever fills it in."""
    form = AgentForm(timezone=viewer_zone_name(request), pathway=pathway)
    return await _page(request, uses, account, None, form)


@router.post("/new")
async def create_agent(request: Request, account: Writer, _reader: Reader, uses: Uses) -> Response:
    """Made, or shown again with what is wrong."""
    form = read_form(await request.form())
    try:
        made = await rest.create_agent(request_of(form), account, uses, Response())
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _page(request, uses, account, None, form, said_at(problem))
    return await back(request, f"/dashboard/agents/{made.agent_id}", "agent_saved")


@router.get("/{agent_id}/edit")
async def edit_agent(
    agent_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """The form, as the agent is."""
    agent = await _found(uses, account, agent_id)
    return await _page(request, uses, account, agent, form_of(agent))


@router.post("/{agent_id}/edit")
async def change_agent(
    agent_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
    step: Step = "save",
) -> Response:
    """Changed; or, asked first, which of the waiting calls a change would move."""
    form, agent = read_form(await request.form()), await _found(uses, account, agent_id)
    try:
        patch = patch_of(form, agent)
        is_trial = step == "try"
        done = await rest.change_agent(agent_id, patch, account, uses, later, dry_run=is_trial)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await _page(request, uses, account, agent, form, said_at(problem))
    if isinstance(done, MovesView):
        return await _page(request, uses, account, agent, form, moves=done)
    return await back(request, f"/dashboard/agents/{agent_id}", "agent_saved", later=later)


async def _found(uses: Services, account: Account, agent_id: str) -> Agent:
    async with uses.db.read() as session:
        return await rest.found_agent(session, account, agent_id)


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    agent: Agent | None,
    form: AgentForm,
    errors: FormErrors | None = None,
    moves: MovesView | None = None,
) -> Response:
    async with uses.db.browse() as session:
        offered, _ = await pathways.page(session, account.account_id, 0, _OFFERED)
    zones = zone_names()
    return await page(
        request,
        "agents/edit.html",
        422 if errors else 200,
        agent=agent,
        form=form,
        errors=errors or FormErrors(),
        moves=moves,
        pathways=offered,
        # One that was set by program and is offered to nobody else.
        zones=zones if form.timezone in zones else (form.timezone, *zones),
        days=DAYS,
        purposes=list(Purpose),
        dayparts=list(DaypartChoice),
        notices=list(Notice),
        account=account,
        words=agent_words,
    )
