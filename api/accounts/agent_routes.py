"""/api/v1/agents"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.accounts.agent_schemas import (
    AgentList,
    AgentPatch,
    AgentRequest,
    AgentView,
    LastWordSecret,
    agent_view,
    columns,
)
from api.caller_ids.service import require_listed
from api.calls.filters import NameFilter, only_names
from api.calls.request_parser import voicemail_must_speak
from api.calls.submission import require_pathway
from api.http.auth import KeyFirst, requires
from api.http.deps import DryRun, Services, Skip, Take, Uses
from api.http.openapi import located, problem_responses
from api.http.problems import invalid, not_found
from api.http.values import read_endpoint, require_url, unknown_zone
from api.replan.dry_run import WhatIf, rehearse
from api.replan.replan import replan
from api.replan.schemas import MovesView
from policy.time.wall_time import is_zone
from policy.time.windows import BadWindow
from storage.accounts import agents
from storage.caller_ids import marks, watches
from storage.calls.calls import AffectedCalls
from storage.database.locks import lock_account
from storage.tables import Account, Agent, specs
from webhooks.signature import new_secret

router = APIRouter(
    prefix="/agents",
    tags=["agents"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("agents:read"))]
Writer = Annotated[Account, Depends(requires("agents:write"))]
Row = dict[str, Any]
#: Of an agent: what is only said or done once a call is dialed.
_DECIDES_NOTHING = frozenset({"name", "call_reason", "inbound_spec", "max_duration"})


@router.post("", status_code=201, responses={**located(201), **problem_responses(422)})
async def create_agent(
    body: AgentRequest, account: Writer, uses: Uses, response: Response
) -> AgentView:
    """Create an agent."""
    now = uses.now()
    async with uses.db.write() as session:
        # As the lists of numbers are taken over: none is in force that this agent has not heard of.
        await lock_account(session, account.account_id)
        values = await _checked(session, account.account_id, columns(body), uses)
        await _held_to_lists(session, uses, account, values)
        agent = Agent(account_id=account.account_id, created_time=now, updated_time=now, **values)
        await agents.add(session, agent)
    response.headers["Location"] = f"/api/v1/agents/{agent.agent_id}"
    return agent_view(agent)


@router.get("", dependencies=[Depends(only_names)], responses=problem_responses(422))
async def list_agents(
    account: Reader, uses: Uses, name: NameFilter = None, skip: Skip = 0, take: Take = 20
) -> AgentList:
    """The account's agents."""
    async with uses.db.read() as session:
        rows, total = await agents.page(session, account.account_id, skip, take, name)
    return AgentList(agents=[agent_view(row) for row in rows], total=total)


@router.get("/{agent_id}", responses=problem_responses(404))
async def get_agent(agent_id: str, account: Reader, uses: Uses) -> AgentView:
    """One agent."""
    async with uses.db.read() as session:
        return agent_view(await found_agent(session, account, agent_id))


@router.put("/{agent_id}", responses=problem_responses(404, 422))
async def replace_agent(
    agent_id: str,
    body: AgentRequest,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> AgentView | MovesView:
    """Replace an agent; what is left out gets its default.

    Waiting calls that the change moves decide again; `dryRun` says which, and changes nothing.
    """
    if dry_run:
        return await _rehearsed(uses, account, agent_id, columns(body))
    return await _changed(uses, account, agent_id, columns(body), later)


@router.patch("/{agent_id}", responses=problem_responses(404, 422))
async def change_agent(
    agent_id: str,
    body: AgentPatch,
    account: Writer,
    uses: Uses,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> AgentView | MovesView:
    """Change the fields that are named; the others stay.

    Waiting calls that the change moves decide again; `dryRun` says which, and changes nothing.
    """
    values = columns(body, said_only=True)
    if dry_run:
        return await _rehearsed(uses, account, agent_id, values)
    return await _changed(uses, account, agent_id, values, later)


@router.delete("/{agent_id}", status_code=204, responses=problem_responses(404))
async def delete_agent(agent_id: str, account: Writer, uses: Uses, later: BackgroundTasks) -> None:
    """Delete an agent. Its waiting calls are canceled; all its calls stay readable."""
    async with uses.db.write() as session:
        await agents.delete(session, await found_agent(session, account, agent_id), uses.now())
    later.add_task(replan, uses, account, AffectedCalls(agent_id=agent_id))


@router.post("/{agent_id}/last-word-secret", responses=problem_responses(404))
async def renew_last_word_secret(agent_id: str, account: Writer, uses: Uses) -> LastWordSecret:
    """Make a secret that signs requests for the last word. The one before is over at once."""
    async with uses.db.write() as session:
        agent = await found_agent(session, account, agent_id)
        agent.last_word_secret = secret = new_secret()
        agent.updated_time = uses.now()
        session.add(agent)
    return LastWordSecret(secret=secret)


async def _rehearsed(uses: Uses, account: Account, agent_id: str, values: Row) -> MovesView:
    async with uses.db.read() as session:
        agent = await found_agent(session, account, agent_id)
        checked = await _checked(session, account.account_id, values, uses)
    changed = Agent(**{**agent.model_dump(), **checked})
    return await rehearse(uses, account, AffectedCalls(agent_id=agent_id), WhatIf(agent=changed))


async def _changed(
    uses: Uses, account: Account, agent_id: str, values: Row, later: BackgroundTasks
) -> AgentView:
    async with uses.db.write() as session:
        # Marks change under it, too: none that is made meanwhile is overwritten.
        await lock_account(session, account.account_id)
        agent = await found_agent(session, account, agent_id)
        values = await _checked(session, account.account_id, values, uses)
        await _held_to_lists(session, uses, account, values, agent.caller_ids)
        if _is_decided_by(agent, values):
            later.add_task(replan, uses, account, AffectedCalls(agent_id=agent_id))
        was_healing = agent.heals_caller_ids
        for name, value in values.items():
            setattr(agent, name, value)
        agent.caller_id_marks = marks.kept(agent)
        if was_healing and not agent.heals_caller_ids:
            await watches.let_go(session, agent)
        agent.updated_time = uses.now()
        session.add(agent)
    return agent_view(agent)


def _is_decided_by(agent: Agent, values: Row) -> bool:
    """Whether a call may be decided otherwise with these values than with those it has.

    Where they change nothing they are said once more, and what was to follow the first time may
    have been lost with its process: no row that was refused would be looked at again.
    """
    said = values.keys() - _DECIDES_NOTHING
    changed = {name for name, value in values.items() if getattr(agent, name) != value}
    return bool(changed & said) if changed else bool(said)


async def found_agent(session: AsyncSession, account: Account, agent_id: str) -> Agent:
    agent = await agents.get(session, account.account_id, agent_id)
    if agent is None:
        raise not_found("agent")
    return agent


async def _checked(session: AsyncSession, account_id: str, values: Row, uses: Services) -> Row:
    """The columns with endpoints in their normal form; raises for what policy cannot use."""
    if not is_zone(values.get("timezone", "UTC")):
        raise unknown_zone("timezone")
    voicemail_must_speak(values.get("voicemail_spec") or {})
    try:
        specs.weekly_from_hours_spec(values.get("business_hours_spec"))
    except BadWindow as exc:
        raise invalid("bad_window", "businessHours", f"{exc}.") from None
    if values.get("last_word_spec"):
        url = values["last_word_spec"]["url"]
        require_url(url, "lastWord.url", private=uses.settings.private_webhooks)
    if values.get("pathway_id") is not None:
        await require_pathway(session, account_id, values["pathway_id"])
    values = _with_endpoints(values)
    if "caller_ids" not in values:
        return values
    found = [
        read_endpoint(text, f"callerIds.{index}").value
        for index, text in enumerate(values["caller_ids"])
    ]
    return {**values, "caller_ids": list(dict.fromkeys(found))}


async def _held_to_lists(
    session: AsyncSession, uses: Uses, account: Account, values: Row, had: Sequence[str] = ()
) -> None:
    """New caller IDs have to be the account's at the carrier; those it had are marked instead."""
    said = enumerate(values.get("caller_ids", ()))
    new = {index: number for index, number in said if number not in had}
    await require_listed(session, uses, account.account_id, new)


#: The number of a spec that has to be one: its column and its name.
_NUMBERS = {"identity_spec": "callbackNumber", "inbound_spec": "transferTo"}


def _with_endpoints(values: Row) -> Row:
    checked = dict(values)
    for column, name in _NUMBERS.items():
        spec = values.get(column)
        if spec and spec.get(name):
            field = f"{column.removesuffix('_spec')}.{name}"
            checked[column] = {**spec, name: read_endpoint(spec[name], field).value}
    return checked
