"""/dashboard/pathways/…/rehearsal: a pathway or a draft, walked as somebody called would."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from api.accounts import pathway_routes as rest
from api.accounts.pathway_routes import Reader
from api.accounts.rehearsal import rehearsal_of
from api.accounts.rehearsal_routes import may_see_agents
from api.accounts.rehearsal_schemas import RehearsalView
from api.http.auth import allows
from api.http.deps import Services, Uses
from api.http.problems import Problem
from dashboard.forms.form_errors import FormErrors
from dashboard.page import page
from dashboard.pathways import rehearsal_words
from dashboard.pathways.drawing import drawing_of
from dashboard.pathways.graph import graph_of
from dashboard.pathways.pathway_form import PathwayForm, check_of, definition_of, form_of
from dashboard.pathways.pathway_form import read_form as read_pathway
from dashboard.pathways.rehearsal_form import RehearsalForm, read_form
from dashboard.session.session import SignedIn, Who
from policy.model.purposes import Notice
from policy.pathways import blanks
from storage.accounts import agents
from storage.tables import Account, Agent

router = APIRouter(prefix="/pathways", route_class=SignedIn)
_OFFERED = 500
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_FIELDS = (("agentId", "agent"), ("context", "context"), ("steps", "typed"))


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`here`: where its form goes. `pathway_id` "": of a draft that is new."""

    here: str
    pathway: PathwayForm
    pathway_id: str = ""
    is_draft: bool = False


@router.post("/rehearsal")
async def rehearse_draft(request: Request, account: Reader, uses: Uses, who: Who) -> Response:
    """A draft as it is typed; nothing is saved."""
    sent = await request.form()
    draft, said = read_pathway(sent), sent.get("pathway_id")
    pathway_id = said if isinstance(said, str) and _ID.fullmatch(said) else ""
    what = Rehearsed("/dashboard/pathways/rehearsal", draft, pathway_id, is_draft=True)
    return await _page(request, uses, account, who, what, read_form(sent))


@router.get("/{pathway_id}/rehearsal")
async def begin_rehearsal(
    pathway_id: str, request: Request, account: Reader, uses: Uses, who: Who
) -> Response:
    """From the answer on."""
    what = await _saved(pathway_id, account, uses)
    return await _page(request, uses, account, who, what, None)


@router.post("/{pathway_id}/rehearsal")
async def go_on(
    pathway_id: str, request: Request, account: Reader, uses: Uses, who: Who
) -> Response:
    """One step on, or back."""
    what = await _saved(pathway_id, account, uses)
    return await _page(request, uses, account, who, what, read_form(await request.form()))


async def _saved(pathway_id: str, account: Account, uses: Services) -> Rehearsed:
    pathway = await rest.get_pathway(pathway_id, account, uses)
    here = f"/dashboard/pathways/{pathway_id}/rehearsal"
    return Rehearsed(here, form_of(pathway), pathway_id)


async def _page(
    request: Request,
    uses: Services,
    account: Account,
    who: Who,
    what: Rehearsed,
    said: RehearsalForm | None,
) -> Response:
    offered = await _agents(uses, who)
    form = said or RehearsalForm(agent=_usual(offered, what.pathway_id))
    found, errors = await _walk(request, uses, account, what, form)
    agent = next((one for one in offered if one.agent_id == form.agent), None)
    return await page(
        request,
        "pathways/rehearsal.html",
        422 if errors else 200,
        what=what,
        form=form,
        found=found,
        errors=errors,
        agents=offered,
        agent=agent,
        notices=list(Notice),
        words=rehearsal_words,
        **_drawn(what, form, found, agent),
    )


async def _agents(uses: Services, who: Who) -> list[Agent]:
    """Those that the key may see."""
    if not allows(who.key.scopes, "agents:read"):
        return []
    async with uses.db.browse() as session:
        offered, _ = await agents.page(session, who.account.account_id, 0, _OFFERED)
    return offered


def _usual(offered: Sequence[Agent], pathway_id: str) -> str:
    """The one that speaks the pathway, if only one does."""
    speaks = [one.agent_id for one in offered if pathway_id and one.pathway_id == pathway_id]
    return speaks[0] if len(speaks) == 1 else ""


async def _walk(
    request: Request, uses: Services, account: Account, what: Rehearsed, form: RehearsalForm
) -> tuple[RehearsalView | None, FormErrors]:
    asked = form.request()
    try:
        await may_see_agents(request, asked)
        definition = definition_of(what.pathway)
        kind = what.pathway.kind
        return await rehearsal_of(uses, account.account_id, kind, definition, asked), FormErrors()
    except Problem as problem:
        if problem.status != 422:
            raise
        return None, FormErrors.of(problem, _FIELDS)


def _drawn(
    what: Rehearsed, form: RehearsalForm, found: RehearsalView | None, agent: Agent | None
) -> dict[str, Any]:
    """The script with the nodes that were walked, and the fields of its context."""
    if found is None:
        return {"drawing": None, "check": check_of(what.pathway), "wanted": (), "optional": ()}
    definition = definition_of(what.pathway)
    graph = graph_of(definition) if what.pathway.kind == "script" else None
    walked = [node for turn in found.turns for node in turn.nodes]
    here = found.question.node if found.question else None
    told = blanks.variables(definition, agent.voicemail_spec if agent else None)
    return {
        "drawing": drawing_of(graph, walked, here) if graph else None,
        "check": None,
        "wanted": sorted(told.wanted),
        "optional": sorted((told.used | form.context.keys()) - told.wanted),
    }
